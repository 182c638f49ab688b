"""Rooms of the sidebar."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member, is_support
from core import counts, nav
from reporting.queries.room import calls
from reporting.rules import can_see_engines
from rotas.models import Call


def paged(request: HttpRequest) -> tuple[int, int]:
    """How often somebody was called today and the day before, asked with the counts of the frame."""
    return counts.counted(request, "reporting:paged"), counts.counted(request, "reporting:paged_before")


def _today(asking: counts.Asking) -> QuerySet[Call] | None:
    return calls(asking.a_day_ago, asking.now) if is_support(asking.reader) else None


def _yesterday(asking: counts.Asking) -> QuerySet[Call] | None:
    return calls(asking.two_days_ago, asking.a_day_ago) if is_support(asking.reader) else None


counts.register("reporting:paged", _today, only_on="reporting:room")
counts.register("reporting:paged_before", _yesterday, only_on="reporting:room")
nav.register(
    section="Now",
    order=0,
    label=_("Operations room"),
    icon="layout-dashboard",
    url_name="reporting:room",
    permission=is_member,
    key="r",
    phone=True,
    short=_("Room"),
)
nav.register(
    section="Learn",
    order=40,
    label=_("Numbers"),
    icon="report",
    url_name="reporting:numbers",
    permission=is_member,
    key="n",
)
nav.register(
    section="Keep",
    order=10,
    label=_("Engines"),
    icon="heart-rate-monitor",
    url_name="reporting:engines",
    permission=can_see_engines,
)
