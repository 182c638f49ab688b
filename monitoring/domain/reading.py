"""From stored posts to signals: which of them can be read, and why the others can't."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitoring.domain.deliveries import MAX_REASON, claim_ids, is_packed
from monitoring.domain.folding import Post
from monitoring.domain.pace import is_storm
from monitoring.models import Integration, RawDelivery
from monitoring.queries.storms import read_pace
from monitoring.sources import get_source
from monitoring.sources.base import Source
from monitoring.types import Parsed, Signal, UnparsableError

log = logging.getLogger(__name__)
WE_FAILED = "Mainstay failed on it ({}). It is kept; replay it after an update."
TWICE = "A post with this id came before; it counts once."
AGAIN = "{} events of this post came before; each counts once."
# How many alerts are folded in one transaction at most: others may wait for it to end.
MAX_ALERTS = 1_000


@dataclass(frozen=True, slots=True)
class Parking:
    """A post that can't be read, and why."""

    row: RawDelivery
    reason: str


def read_posts(
    rows: Sequence[RawDelivery], integration: Integration | None, now: datetime, room: int
) -> list[Post | Parking]:
    """The first ones of these posts, read: as many as have `room` alerts together, at least one."""
    source = get_source(integration.source) if integration else None
    if integration is None or source is None:
        gone = UnparsableError("Its integration or the source of it is gone.", "Make a new integration.")
        return [Parking(row, str(gone)) for row in rows]
    read = list[Post | Parking]()
    for row in rows:
        each = _read(row, source, now)
        read.append(each)
        room -= len(each.signals) if isinstance(each, Post) else 0
        if room <= 0:
            break
    return read


def room_at(integration: Integration, at: datetime) -> int:
    """How many alerts that came from `at` on may be folded together, at least one. Before a storm few, so that workers see of each
    other how many came. One query."""
    pace = read_pace(integration, at)
    return MAX_ALERTS if is_storm(pace, at) else max(1, min(MAX_ALERTS, (pace.rate - pace.this) // 10))


def _read(row: RawDelivery, source: Source, now: datetime) -> Post | Parking:
    try:
        parsed = _parse(row, source)
    except UnparsableError as error:
        return Parking(row, str(error))
    except Exception as error:
        log.exception("delivery %s could not be parsed", row.pk)
        return Parking(row, WE_FAILED.format(type(error).__name__))
    signals, notes = _of_once(row, parsed)
    row.truncated, row.signals = parsed.truncated, len(signals)
    row.reason = " ".join([*parsed.notes, *notes])[:MAX_REASON]
    return Post(row, signals)


def _of_once(row: RawDelivery, parsed: Parsed) -> tuple[Sequence[Signal], list[str]]:
    """The signals but those whose event came before, and a sentence where some did."""
    if not parsed.event_ids:
        return parsed.signals, []
    fresh = claim_ids(row, parsed.event_ids)
    signals = []
    for each, signal in zip(parsed.event_ids, parsed.signals, strict=True):
        if each in fresh:
            fresh.discard(each)
            signals.append(signal)
    again = len(parsed.signals) - len(signals)
    if not signals:
        return signals, [TWICE]
    return signals, [AGAIN.format(again)] if again else []


def _parse(row: RawDelivery, source: Source) -> Parsed:
    if is_packed(row):
        raise UnparsableError(
            "The body says that it is gzip, but it can't be unpacked.",
            "Check what packs it, or send it plain.",
        )
    return source.parse(bytes(row.body), row.headers)
