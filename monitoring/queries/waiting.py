"""What the engines of this room have waiting."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.waiting import StuckRow, Waiting, count_of, due_of, oldest_of_turns
from monitoring.choices import RawState
from monitoring.models import RawDelivery
from services.models import ObjectiveBurn

_FRESH = "state = 'received' AND replays = 0"


def waiting(now: datetime) -> Waiting:
    """Posts to be read, and posts that could not be. A replayed post counts as due, but not by its first arrival."""
    return Waiting(
        due=count_of(RawDelivery.objects.filter(state=RawState.RECEIVED)),
        oldest=oldest_of_turns(RawDelivery, "integration_id", "received_at", _FRESH),
        stuck=count_of(RawDelivery.objects.filter(state=RawState.PARKED)),
    )


def stuck_rows(now: datetime, limit: int) -> list[StuckRow]:
    """Parked posts, the newest first."""
    parked = RawDelivery.objects.filter(state=RawState.PARKED).order_by("-received_at", "-pk").defer("body")
    return [
        StuckRow(
            what=str(row),
            why=row.reason,
            since=row.received_at,
            url=reverse("monitoring:delivery", args=[row.pk]),
            verb=_("Replay"),
            verb_url=reverse("monitoring:delivery_replay", args=[row.pk]),
        )
        for row in parked[:limit]
    ]


def burning(now: datetime) -> Waiting:
    """Rungs of objectives that are due to be looked at."""
    looked_at = ObjectiveBurn.objects.filter(next_at__isnull=False)
    due, oldest = due_of(looked_at.filter(next_at__lte=now), "next_at")
    coming = looked_at.filter(next_at__gt=now).order_by("next_at").values_list("next_at", flat=True)
    return Waiting(due=due, oldest=oldest, next_due=coming.first())
