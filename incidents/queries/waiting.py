"""What the engines of incidents have waiting: transitions of alerts, and clocks."""

from datetime import datetime

from core.waiting import Waiting, count_of, due_of, oldest_of_turns
from incidents.models import Clock
from monitoring.models import AlertChange


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
    return Waiting(due=due, oldest=oldest, next_due=coming.first())
