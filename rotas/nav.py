"""The room in the sidebar, and whether the reader is on call."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core import counts, nav
from core.http.now import request_now
from core.types import Words
from core.ui.words import clock_time, zone_letters
from rotas import rules
from rotas.queries.mine import on_call_until

CACHED_SECONDS = 60
_NAMED = """(EXISTS (SELECT 1 FROM rotas_layermember WHERE user_id = %s)
    OR EXISTS (SELECT 1 FROM rotas_override WHERE user_id = %s AND ends_at > %s)
    OR EXISTS (SELECT 1 FROM rotas_rota_holiday_people WHERE user_id = %s))"""


def _duty(request: HttpRequest) -> Words:
    """ "On call until 20:00 EAT", or "". Whether anybody asks costs nothing; the answer holds a minute."""
    user, now = request.user, request_now(request)
    if (
        not isinstance(user, User)
        or not rules.can_be_on_call(user)
        or not counts.asked(request, "rotas:named")
    ):
        return ""
    until = _until(user, now)
    if until is None or until <= now:
        return ""
    return _("On call until %(time)s") % {
        "time": f"{clock_time(until, user.zone)} {zone_letters(user.zone, until)}"
    }


def _until(user: User, now: datetime) -> datetime | None:
    key = f"rotas:duty:{user.pk}:{now:%Y%m%d%H%M}"
    try:
        kept = cache.get(key)
    except Exception:  # Redis away: a page never waits for it
        return on_call_until(user, now)
    if kept is None:
        until = on_call_until(user, now)
        with suppress(Exception):  # it may go away in between
            cache.set(key, (until,), CACHED_SECONDS)
        return until
    found: datetime | None = kept[0]
    return found


def _named(asking: counts.Asking) -> QuerySet[User, Any] | None:
    """Whether any rota names this reader."""
    reader = asking.reader
    if not rules.can_be_on_call(reader):
        return None
    named = RawSQL(_NAMED, [reader.pk, reader.pk, asking.now, reader.pk], output_field=BooleanField())  # noqa: S611 - a constant
    return User.objects.filter(pk=reader.pk).order_by().values(named=named)


counts.register_value("rotas:named", _named)
nav.register(
    section="Now",
    order=60,
    label=gettext_lazy("Rotas"),
    icon="calendar-time",
    url_name="rotas:list",
    permission=rules.can_see_rotas,
    key="o",
    phone=True,
    short=gettext_lazy("Rota"),
    covers=("rotas",),
)
nav.register_duty(_duty)
