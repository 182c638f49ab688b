"""Folding the signals of one post: into alerts, readings and transitions, and into the count of the minute."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from core.nudge import nudge
from monitoring.choices import ChangeKind
from monitoring.domain import meter, readings
from monitoring.domain.fold import LATE, Folded, change_of, fold, is_late
from monitoring.domain.meter import Tally
from monitoring.domain.pace import is_storm, minute_of
from monitoring.domain.routing import Router
from monitoring.models import Alert, AlertChange, AlertOccurrence, Integration, RawDelivery
from monitoring.queries.storms import read_pace
from monitoring.types import Signal

# A sender's clock may be wrong, but not by more: such a time would hide every later reading.
MAX_AHEAD = timedelta(days=1)
# Who claims the changes: named, because the room above is not ours to import.
NEXT_ENGINE = "incidents.tasks.intake"


class Folding:
    """One post being folded, inside the caller's transaction."""

    def __init__(self, row: RawDelivery, integration: Integration, router: Router, now: datetime) -> None:
        self.row, self.integration, self.router, self.now = row, integration, router, now
        self.expires_at = now + timedelta(days=settings.MAINSTAY_RAW_DAYS)
        self.pace = read_pace(integration, row.received_at)
        self.single: list[AlertOccurrence] = []
        self.together: list[AlertOccurrence] = []
        self.changes: list[AlertChange] = []
        self.tallies: dict[int, Tally] = defaultdict(Tally)

    def take(self, signals: Iterable[Signal]) -> None:
        """Fold them all. Raises RacedError when the post has to be read again."""
        # In one order everywhere, so that two posts with the same alerts never wait for each other in a ring.
        for signal in sorted(signals, key=lambda signal: signal.identity):
            self._one(signal)
        readings.keep(self.single, self.together)
        if self.changes:
            AlertChange.objects.bulk_create(self.changes, batch_size=500)
            self._mark_blind()
            nudge(NEXT_ENGINE)
        meter.add(self.integration.pk, self.tallies, at=self.row.received_at, now=self.now)

    def _one(self, signal: Signal) -> None:
        received_at = self.row.received_at
        event_at = event_time(signal, received_at)
        self.pace = self.pace.plus(1)
        # What waited to be replayed counts, but isn't a storm of today.
        coalesced = not self.row.replays and is_storm(self.pace, received_at)
        route = self.router.route(self.integration, signal.labels)
        folded = fold(
            self.integration.pk, signal, route, event_at=event_at, seen_at=received_at, coalesced=coalesced
        )
        self._read(signal, folded, event_at, coalesced)
        change = change_of(folded)
        if change:
            kind, detail = change
            self.changes.append(
                AlertChange(
                    alert_id=folded.id,
                    kind=kind,
                    at=self.now,
                    event_at=event_at,
                    detail=detail or signal.resolve_reason,
                    lane=folded.service_id or 0,
                    coalesced=coalesced,
                )
            )
        tally = self.tallies[folded.service_id or 0]
        tally.alerts += 1
        tally.coalesced += coalesced
        tally.fresh += coalesced and folded.before is None

    def _read(self, signal: Signal, folded: Folded, event_at: datetime, coalesced: bool) -> None:
        late = is_late(folded, event_at) or folded.status != signal.status
        reading = AlertOccurrence(
            alert_id=folded.id,
            delivery_id=self.row.pk,
            status=signal.status,
            at=self.row.received_at,
            event_at=event_at,
            note=LATE if late else "",
            expires_at=self.expires_at,
            minute=minute_of(self.row.received_at) if coalesced else None,
        )
        (self.together if coalesced else self.single).append(reading)

    def _mark_blind(self) -> None:
        """Alerts that lost their data become somebody's business after a while; the others no longer."""
        last = {change.alert_id: change.kind for change in self.changes}
        blind = [pk for pk, kind in last.items() if kind == ChangeKind.NO_DATA]
        if blind:
            due_at = self.now + timedelta(minutes=settings.MAINSTAY_NO_DATA_MINUTES)
            Alert.objects.filter(pk__in=blind).update(blind_due_at=due_at)
        sees = [pk for pk, kind in last.items() if kind != ChangeKind.NO_DATA]
        if sees:
            Alert.objects.filter(pk__in=sees, blind_due_at__isnull=False).update(blind_due_at=None)


def event_time(signal: Signal, received_at: datetime) -> datetime:
    """The source's time of a reading; the time of arrival where it has none or one far in the future."""
    if signal.event_at is None or signal.event_at > received_at + MAX_AHEAD:
        return received_at
    return signal.event_at
