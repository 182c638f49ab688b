"""What programs measure: counted into buckets of five minutes, which only ever grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from django.db import transaction

from core.errors import IllegalState, Invalid
from core.instants import SKEW
from core.rowsets import insert_rows
from services.choices import Direction, Indicator
from services.domain.burn import bucket_of
from services.models import Objective

# Beyond the longest window nothing would be said of it any more.
OLDEST = timedelta(days=35)
MOST_SAMPLES = 1_000
MOST_EVENTS = 10**12
# A bucket that holds more is a mistake of its sender; a bigint would hold nine thousand times as much.
_FULL = 10**15
_COLUMNS = {"objective_id": "bigint", "starts_at": "timestamptz", "good": "bigint", "total": "bigint"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen at an instant: `good` of `total` events, or one measured `value`."""

    at: datetime
    good: int | None = None
    total: int | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one post added: samples, the buckets they fell into, events, and how many of those were good."""

    samples: int
    buckets: int
    good: int
    total: int


@transaction.atomic
def add(objective: Objective, samples: Sequence[Sample], *, now: datetime) -> Recorded:
    """Add samples to their buckets. All of them, or none.

    Raises Invalid, naming each by its place, for samples of another kind than the objective counts, more than five
    minutes ahead of `now`, older than 35 days, or with impossible counts; IllegalState for an objective that counts
    time up, and for one that is switched off.
    """
    if objective.counts_time:
        raise IllegalState(
            f"{objective.slug} counts the time up of {objective.service.slug}, by the impact of its incidents. "
            "It takes no samples.",
            code="objective_counts_time",
        )
    if not objective.is_active:
        raise IllegalState(f"{objective.slug} is switched off; it takes no samples.", code="objective_off")
    if not 0 < len(samples) <= MOST_SAMPLES:
        raise Invalid(f"Send 1 to {MOST_SAMPLES:,} samples at once.", fields={"samples": "too many or none"})
    faults = {}
    buckets: dict[datetime, tuple[int, int]] = {}
    for place, sample in enumerate(samples):
        fault = _fault(objective, sample, now)
        if fault:
            faults[f"samples[{place}]{fault[0]}"] = fault[1]
            continue
        good, whole = counted(objective, sample)
        begin = bucket_of(sample.at)
        before = buckets.get(begin, (0, 0))
        buckets[begin] = before[0] + good, before[1] + whole
    if faults:
        name, words = next(iter(faults.items()))
        raise Invalid(f"{name}: {words}", fields=dict(list(faults.items())[:20]))
    _store(objective, buckets)
    goods, totals = zip(*buckets.values(), strict=True)
    return Recorded(len(samples), len(buckets), sum(goods), sum(totals))


def counted(objective: Objective, sample: Sample) -> tuple[int, int]:
    """Good and all events of one sample; a measured value is one event, good on its side of the threshold."""
    if objective.indicator == Indicator.EVENTS:
        return sample.good or 0, sample.total or 0
    assert sample.value is not None  # noqa: S101 - checked before
    assert objective.threshold is not None  # noqa: S101 - held by a constraint
    if objective.direction == Direction.AT_MOST:
        return int(sample.value <= objective.threshold), 1
    return int(sample.value >= objective.threshold), 1


def _fault(objective: Objective, sample: Sample, now: datetime) -> tuple[str, str] | None:
    """What is wrong with a sample: its field and a sentence."""
    if sample.at > now + SKEW:
        return ".at", "It lies in the future. Send samples once they are measured; check the sender's clock."
    if sample.at < now - OLDEST:
        return ".at", f"It is older than {OLDEST.days} days, so no objective counts it any more."
    if objective.indicator == Indicator.EVENTS:
        return _count_fault(sample)
    if sample.good is not None or sample.total is not None:
        return "", f"{objective.slug} judges measured values: send “value”, not counts."
    if sample.value is None or not isfinite(sample.value):
        return ".value", "Send “value”: the number that was measured."
    return None


def _count_fault(sample: Sample) -> tuple[str, str] | None:
    if sample.value is not None:
        return ".value", "This objective counts events: send “good” and “total”."
    if sample.good is None or sample.total is None:
        return "", "Send “good” and “total”: how many events were good, of how many."
    if not 0 <= sample.good <= sample.total:
        return ".good", "Good events are 0 or more, and at most as many as all."
    if sample.total > MOST_EVENTS:
        return ".total", f"One sample counts at most {MOST_EVENTS:,} events."
    return None


def _store(objective: Objective, buckets: dict[datetime, tuple[int, int]]) -> None:
    rows = [
        {"objective_id": objective.pk, "starts_at": begin, "good": good, "total": whole}
        for begin, (good, whole) in sorted(
            buckets.items()
        )  # in order, so that two posts don't wait for each other
    ]
    stored = insert_rows(
        "services_indicatorbucket",
        _COLUMNS,
        rows,
        clause="ON CONFLICT (objective_id, starts_at) DO UPDATE SET good = t.good + excluded.good, "
        f"total = t.total + excluded.total WHERE t.total <= {_FULL} - excluded.total RETURNING t.id",
    )
    if len(stored) < len(rows):
        raise Invalid(
            f"One of these five minutes would count more than {_FULL:,} events.",
            fields={"samples": "more events than can be"},
        )
