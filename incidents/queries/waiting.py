"""What the engines of incidents have waiting: transitions of alerts, and clocks."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from core.waiting import StuckRow, Waiting, count_of, due_of, oldest_of_turns
from incidents.models import Clock
from monitoring.models import AlertChange

# A clock that fails stands back for less than this, so that only so much of the index is looked at.
SOON = timedelta(minutes=2)


def changes_waiting(now: datetime) -> Waiting:
    """Transitions that monitoring left and nobody has claimed."""
    return Waiting(
        due=count_of(AlertChange.objects.filter(handled_at__isnull=True)),
        oldest=oldest_of_turns(AlertChange, "lane", "at", "handled_at IS NULL"),
    )


def clocks_waiting(now: datetime) -> Waiting:
    """Clocks with a warning or a breach to say."""
    due, oldest = due_of(Clock.objects.filter(next_at__lte=now), "next_at")
    coming = Clock.objects.filter(next_at__gt=now).order_by("next_at").values_list("next_at", flat=True)
    return Waiting(due=due, oldest=oldest, stuck=count_of(_failing(now)), next_due=coming.first())


def clocks_stuck(now: datetime, limit: int) -> list[StuckRow]:
    """Clocks that fail again and again. Meeting or cancelling the promise ends it."""
    failing = _failing(now).select_related("incident").order_by("next_at", "pk")[:limit]
    return [_row(clock) for clock in failing]


def _failing(now: datetime) -> QuerySet[Clock]:
    """Those that stand back after a failure: due neither when they warn nor when they turn late."""
    soon = Clock.objects.filter(next_at__lte=now + SOON)
    return (
        soon.exclude(next_at=F("due_at"))
        .exclude(next_at=Coalesce("warn_at", "due_at"))
        .exclude(next_at=Coalesce("rung_at", "due_at"))
    )


def _row(clock: Clock) -> StuckRow:
    incident = clock.incident
    name = f"{incident.ref} {incident.title}: {clock.get_kind_display()}"
    return StuckRow(
        name,
        gettext("What it has to say fails and is tried again."),
        clock.due_at,
        f"/incidents/{incident.ref}/",
    )
