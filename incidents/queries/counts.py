"""How many incidents wait, in one query for tabs, badge and pulse together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from incidents.choices import OPEN_STATES, State
from incidents.queries.visible import incidents_visible_to
from services.choices import Severity

SOON = timedelta(hours=1)
NOBODYS = Q(owner__isnull=True) | Q(state=State.NEW)


@dataclass(frozen=True, slots=True)
class Counts:
    """Open incidents of one reader. `worst_new` is the worst severity nobody has acknowledged, or ""."""

    open: int
    mine: int
    nobodys: int
    due: int
    major: int
    new: int
    worst_new: str


def counts(user: Any, now: datetime) -> Counts:
    """One aggregate over what is open and visible; its cost doesn't grow with what has ended."""
    found = incidents_visible_to(user).filter(state__in=OPEN_STATES).aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(owner=user.pk)),
        nobodys=Count("pk", filter=NOBODYS),
        due=Count("pk", filter=Q(next_due_at__lte=now + SOON)),
        major=Count("pk", filter=Q(severity=Severity.SEV1)),
        new=Count("pk", filter=Q(state=State.NEW)),
        worst_new=Min("severity", filter=Q(state=State.NEW)),
    )  # fmt: skip
    return Counts(**{**found, "worst_new": found["worst_new"] or ""})
