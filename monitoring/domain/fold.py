"""Folding readings into alerts. Pure: how an alert stood and a reading in, how it stands then out.

The source's time decides. A reading older than what is known only counts; one that ends an alert wins a
tie with one that begins it, so a late copy of the beginning doesn't open it again.
"""

from dataclasses import dataclass
from datetime import datetime

from monitoring.choices import AlertStatus, ChangeKind, SignalSeverity
from monitoring.domain.routing import Route
from monitoring.types import Signal

_BADNESS: dict[str, int] = {SignalSeverity.INFO: 0, SignalSeverity.WARNING: 1, SignalSeverity.CRITICAL: 2}
LATE = "late: older than what is known"


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal with what we add: the source's time of it, when we saw it, whose it is, whether it came in a storm."""

    signal: Signal
    route: Route
    event_at: datetime
    seen_at: datetime
    coalesced: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alert stands. `counted` and `coalesced` are what was added since it was read.

    `told` is the reading whose words (title, labels, …) it has; None: those that are stored.
    """

    status: str
    event_at: datetime
    last_seen_at: datetime
    service_id: int | None
    starts_at: datetime
    ends_at: datetime | None
    episodes: int
    resolve_reason: str
    severity: str
    counted: int = 0
    coalesced: int = 0
    told: Reading | None = None


def fold(before: Standing | None, reading: Reading) -> Standing:
    """How the alert stands after a reading; `before` is None for its first."""
    return _first(reading) if before is None else _next(before, reading)


def _first(reading: Reading) -> Standing:
    signal = reading.signal
    return Standing(
        status=signal.status,
        event_at=reading.event_at,
        last_seen_at=reading.seen_at,
        service_id=_service(reading),
        starts_at=signal.starts_at or reading.event_at,
        ends_at=_end(reading),
        episodes=int(signal.status == "firing"),
        resolve_reason=signal.resolve_reason,
        severity=signal.severity,
        counted=1,
        coalesced=int(reading.coalesced),
        told=reading,
    )


def _next(before: Standing, reading: Reading) -> Standing:
    signal, was_over = reading.signal, before.status == AlertStatus.RESOLVED
    ends = signal.status == "resolved"
    # News: it ends the alert or continues it and is not older than what is known, or it begins it again and is
    # newer than its end.
    fresh = (
        reading.event_at > before.event_at if was_over and not ends else reading.event_at >= before.event_at
    )
    begins = fresh and not ends and was_over
    turns_over = fresh and ends and not was_over
    speaks = fresh and not ends
    fires = speaks and signal.status == "firing"
    # A resolve, or the word that there is no data, may carry less than the alert did: what it is about stays as
    # the alert said when it fired.
    tells = fires or (speaks and before.episodes == 0)
    return Standing(
        status=signal.status if fresh else before.status,
        event_at=max(before.event_at, reading.event_at),
        last_seen_at=max(before.last_seen_at, reading.seen_at),
        service_id=_service_after(before, reading, begins=begins),
        starts_at=(signal.starts_at or reading.event_at) if begins else before.starts_at,
        ends_at=None if speaks else _end(reading) if turns_over else before.ends_at,
        episodes=before.episodes + (fires and before.status != AlertStatus.FIRING),
        resolve_reason="" if speaks else signal.resolve_reason if turns_over else before.resolve_reason,
        severity=signal.severity if tells else before.severity,
        counted=before.counted + 1,
        coalesced=before.coalesced + reading.coalesced,
        told=reading if tells else before.told,
    )


def _service(reading: Reading) -> int | None:
    return reading.route.named or reading.route.fallback


def _service_after(before: Standing, reading: Reading, *, begins: bool) -> int | None:
    """A label that names a service moves the alert there; what only falls back there leaves it where it is."""
    moves = reading.signal.status != "resolved" and (reading.route.named is not None or begins)
    known, said = before.service_id, _service(reading)
    first, second = (said, known) if moves else (known, said)
    return second if first is None else first


def _end(reading: Reading) -> datetime | None:
    ends = reading.signal.status == "resolved"
    return (reading.signal.ends_at or reading.event_at) if ends else None


def change_of(before: Standing | None, after: Standing) -> tuple[ChangeKind, str] | None:
    """What a reading changed, with a detail; None when it only counts.

    An alert that fires on and is worse than before has changed too; one that is less bad only counts.
    """
    if before is None:
        first = {AlertStatus.FIRING: ChangeKind.FIRED, AlertStatus.NO_DATA: ChangeKind.NO_DATA}
        kind = first.get(AlertStatus(after.status))
        return (kind, "") if kind else None
    if before.status == after.status:
        if after.status != AlertStatus.FIRING:
            return None
        if before.service_id is None and after.service_id is not None:
            return ChangeKind.FIRED, "routed"
        worse = _BADNESS.get(after.severity, 0) > _BADNESS.get(before.severity, 0)
        return (ChangeKind.WORSE, f"{before.severity} → {after.severity}") if worse else None
    turned = {
        AlertStatus.FIRING: ChangeKind.REFIRED,
        AlertStatus.NO_DATA: ChangeKind.NO_DATA,
        AlertStatus.RESOLVED: ChangeKind.RESOLVED,
    }
    return turned[AlertStatus(after.status)], ""


def is_late(before: Standing | None, after: Standing, reading: Reading) -> bool:
    """Whether the reading was older than what was known, or did not turn the alert, so that it only counted."""
    older = before is not None and reading.event_at < after.event_at
    return older or after.status != reading.signal.status
