"""How much of a time services were up, as their clients are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from core.intervals import Interval, clip
from services.domain.budget import Tally, time_tally
from services.models import Service
from services.queries.agreement import versions_for_all
from services.queries.impact import spells
from services.queries.maintenance import planned


@dataclass(frozen=True, slots=True)
class Uptime:
    """A service in a period: seconds that count so far and how many of them failed, by the share that did.

    `down` are the times of impact in it, `work` the planned work that was left out.
    """

    service: Service
    counted: Tally
    down: tuple[Interval[datetime], ...]
    work: tuple[Interval[datetime], ...]

    @property
    def kept(self) -> Fraction | None:
        """Which part it was up; None where nothing counts, such as in a month to come."""
        return 1 - self.counted.bad / self.counted.total if self.counted.total else None


def of_services(
    services: Sequence[Service], period: Interval[datetime], now: datetime, *, exclude_announced: bool = True
) -> list[Uptime]:
    """Each service within `period` as far as it has been, in the order given. Two queries.

    With `exclude_announced`, planned work that clients were told of before counts neither way, unless the terms that held at
    the period's begin count it. Three queries more where there was such work.
    """
    past = Interval(period.start, min(period.end, now))
    if past.is_empty:
        return [Uptime(service, Tally(), (), ()) for service in services]
    keys = [service.pk for service in services]
    impact = spells(keys, past.start, past.end)
    work = _left_out(services, planned(keys, past.start, past.end), past.start) if exclude_announced else {}
    found = []
    for service in services:
        failed, left_out = impact.get(service.pk, []), work.get(service.pk, [])
        down = clip(sorted(spell.when for spell in failed), past.start, past.end)
        found.append(Uptime(service, time_tally(past, failed, left_out), tuple(down), tuple(left_out)))
    return found


def _left_out(
    services: Sequence[Service], work: Mapping[int, list[Interval[datetime]]], at: datetime
) -> dict[int, list[Interval[datetime]]]:
    """The planned work that agreements take out of the numbers."""
    worked_on = [service for service in services if service.pk in work]
    terms = versions_for_all(worked_on, at) if worked_on else {}
    return {
        key: windows
        for key, windows in work.items()
        if (version := terms.get(key)) is None or version.excludes_maintenance
    }


def together(rows: Iterable[Uptime]) -> Fraction | None:
    """Which part of their time several services were up, taken together; None where nothing counts."""
    known = list(rows)
    total = sum((row.counted.total for row in known), Fraction(0))
    return 1 - sum((row.counted.bad for row in known), Fraction(0)) / total if total else None
