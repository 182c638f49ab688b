"""Folding the signals of posts: into alerts, readings and transitions, and into the count of the minute.

Posts of one integration are folded together: its alerts are read and locked at once, every reading is folded in its
order in memory, and the outcome is written at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from core.nudge import nudge
from core.rowsets import insert_rows
from monitoring.choices import ChangeKind
from monitoring.domain import meter, readings
from monitoring.domain.fold import LATE, Reading, Standing, change_of, fold, is_late
from monitoring.domain.meter import Tally
from monitoring.domain.pace import MINUTE, Pace, is_storm, minute_of
from monitoring.domain.routing import Router
from monitoring.domain.standings import insert_standings, lock_standings, update_standings
from monitoring.models import Alert, Integration, RawDelivery
from monitoring.queries.storms import alerts_by_minute
from monitoring.types import Signal

# A sender's clock may be wrong, but not by more: such a time would hide every later reading.
MAX_AHEAD = timedelta(days=1)
# Who claims the changes: named, because the room above is not ours to import.
NEXT_ENGINE = "incidents.tasks.intake"
_CHANGE = {
    "alert_id": "bigint", "kind": "text", "at": "timestamptz", "event_at": "timestamptz", "detail": "text",
    "lane": "bigint", "coalesced": "boolean",
}  # fmt: skip


@dataclass(slots=True)
class Post:
    """A post that could be read, and its signals."""

    row: RawDelivery
    signals: Sequence[Signal]
    coalesced: int = 0


class Folding:
    """Posts of one integration being folded, inside the caller's transaction."""

    def __init__(self, integration: Integration, router: Router, now: datetime) -> None:
        self.integration, self.router, self.now = integration, router, now
        self.expires_at = now + timedelta(days=settings.MAINSTAY_RAW_DAYS)
        self.ids: dict[str, int] = {}
        self.standings: dict[str, Standing] = {}
        self.first_seen: dict[str, datetime] = {}
        self.single: list[dict[str, Any]] = []
        self.together: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.tallies: dict[datetime, dict[int, Tally]] = defaultdict(lambda: defaultdict(Tally))
        self.minutes: Counter[datetime] = Counter()

    def take(self, posts: Sequence[Post]) -> None:
        """Fold them all. Raises RacedError when the posts have to be read again."""
        identities = {signal.identity for post in posts for signal in post.signals}
        if not identities:
            return
        self.router.learn(self.integration, (signal.labels for post in posts for signal in post.signals))
        minutes = [minute_of(post.row.received_at) for post in posts]
        self.minutes.update(alerts_by_minute(self.integration, min(minutes) - MINUTE, max(minutes)))
        for identity, (pk, standing) in lock_standings(self.integration.pk, identities).items():
            self.ids[identity], self.standings[identity] = pk, standing
        for post in posts:
            self._post(post)
        self._write()

    def _post(self, post: Post) -> None:
        row, minute = post.row, minute_of(post.row.received_at)
        tallies = self.tallies[minute]
        for signal in sorted(post.signals, key=lambda signal: signal.identity):
            self.minutes[minute] += 1
            # What waited to be replayed counts, but isn't a storm of today.
            coalesced = not row.replays and self._is_storm(minute)
            reading = Reading(
                signal,
                self.router.route(self.integration, signal.labels),
                event_time(signal, row.received_at),
                row.received_at,
                coalesced,
            )
            self._reading(reading, row, tallies)
            post.coalesced += coalesced

    def _is_storm(self, minute: datetime) -> bool:
        counted = self.minutes
        pace = Pace(self.integration.rate, minute, counted[minute], counted[minute - MINUTE])
        return is_storm(pace, minute)

    def _reading(self, reading: Reading, row: RawDelivery, tallies: dict[int, Tally]) -> None:
        signal = reading.signal
        identity = signal.identity
        before = self.standings.get(identity)
        after = self.standings[identity] = fold(before, reading)
        self.router.seen(self.integration, signal.labels, after.service_id)
        if before is None:
            self.first_seen[identity] = reading.seen_at
        (self.together if reading.coalesced else self.single).append(
            {
                "identity": identity,
                "delivery_id": row.pk,
                "status": signal.status,
                "at": row.received_at,
                "event_at": reading.event_at,
                "note": LATE if is_late(before, after, reading) else "",
                "expires_at": self.expires_at,
                "minute": minute_of(row.received_at) if reading.coalesced else None,
                "count": 1,
            }
        )
        change = change_of(before, after)
        if change:
            kind, detail = change
            self.changes.append(
                {
                    "identity": identity,
                    "kind": kind,
                    "at": self.now,
                    "event_at": reading.event_at,
                    "detail": detail or signal.resolve_reason,
                    "lane": after.service_id or 0,
                    "coalesced": reading.coalesced,
                }
            )
        tally = tallies[after.service_id or 0]
        tally.alerts += 1
        tally.coalesced += reading.coalesced
        tally.fresh += reading.coalesced and before is None

    def _write(self) -> None:
        known = dict(self.ids)
        new = {name: standing for name, standing in self.standings.items() if name not in known}
        self.ids |= insert_standings(self.integration.pk, new, self.first_seen)
        update_standings({pk: self.standings[identity] for identity, pk in known.items()})
        readings.keep(self._with_ids(self.single), self._with_ids(self.together))
        if self.changes:
            changes = self._with_ids(self.changes)
            insert_rows("monitoring_alertchange", _CHANGE, changes)
            self._mark_blind(changes, set(known.values()))
            nudge(NEXT_ENGINE)
        meter.add(self.integration.pk, self.tallies, now=self.now)

    def _with_ids(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "alert_id": self.ids[row.pop("identity")]} for row in rows]

    def _mark_blind(self, changes: Iterable[dict[str, Any]], known: set[int]) -> None:
        """Alerts that lost their data become somebody's business after a while; the others no longer."""
        last = {change["alert_id"]: change["kind"] for change in changes}
        blind = [pk for pk, kind in last.items() if kind == ChangeKind.NO_DATA]
        if blind:
            due_at = self.now + timedelta(minutes=settings.MAINSTAY_NO_DATA_MINUTES)
            Alert.objects.filter(pk__in=blind).update(blind_due_at=due_at)
        sees = [pk for pk, kind in last.items() if kind != ChangeKind.NO_DATA and pk in known]
        if sees:
            Alert.objects.filter(pk__in=sees, blind_due_at__isnull=False).update(blind_due_at=None)


def event_time(signal: Signal, received_at: datetime) -> datetime:
    """The source's time of a reading; the time of arrival where it has none or one far in the future."""
    if signal.event_at is None or signal.event_at > received_at + MAX_AHEAD:
        return received_at
    return signal.event_at
