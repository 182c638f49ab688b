"""Rooms of the sidebar."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member, is_support
from core import counts, nav
from core.http.now import request_now
from reporting.queries.room import calls
from reporting.rules import can_see_engines


def paged(request: HttpRequest) -> tuple[int, int]:
    """How often somebody was called today and the day before, asked with the counts of the frame."""
    return counts.counted(request, "reporting:paged"), counts.counted(request, "reporting:paged_before")


def _calls(days_ago: int) -> counts.Provider:
    """Counted on the pages of the room only."""

    def provide(request: HttpRequest) -> QuerySet[Any] | None:
        match = request.resolver_match
        here = match is not None and match.view_name == "reporting:room" and is_support(request.user)
        return calls(request_now(request), days_ago) if here else None

    return provide


counts.register("reporting:paged", _calls(0))
counts.register("reporting:paged_before", _calls(1))
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
