"""Rooms of the sidebar."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member
from core import nav, watch
from core.http.now import request_now
from reporting.rules import can_see_engines


def _late_badge(request: HttpRequest) -> nav.Badge | None:
    still = watch.standing(request_now(request))
    return (len(still), "bad") if still else None


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
    badge=_late_badge,
    permission=can_see_engines,
)
