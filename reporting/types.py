"""What the reporting room hands to its pages and to the API."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.ui.slabar import SlaBar
from services.choices import PromiseKind

_ALWAYS = frozenset({PromiseKind.ACKNOWLEDGE, PromiseKind.RESOLVE})


@dataclass(frozen=True, slots=True)
class Figures:
    """Open incidents in numbers. `paged` and `paged_before` (the day before) are None for outsiders."""

    by_severity: dict[str, int]
    unacknowledged: int
    due_soon: int
    paged: int | None = None
    paged_before: int | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """One service by its worst truth. `days` are incidents opened a day, oldest first."""

    slug: str
    tone: str
    word: str
    sentence: str
    url: str
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise still counting: whose it is, and its bar."""

    ref: str
    url: str
    subject: str
    bar: SlaBar


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: incidents opened in [start, end), narrowed where a field is set."""

    start: datetime
    end: datetime
    client: str = ""
    service: str = ""
    severity: str = ""

    @property
    def before(self) -> datetime:
        """Where the previous period of the same length begins."""
        return self.start - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Summary:
    """One period. Times are None where nothing was acknowledged or resolved."""

    opened: int
    acknowledge_p50: timedelta | None
    acknowledge_p90: timedelta | None
    resolve_p50: timedelta | None
    resolve_p90: timedelta | None
    reopened: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday 00:00 UTC, with the incidents opened in it."""

    start: datetime
    counts: tuple[int, ...]
    acknowledge_p50: timedelta | None
    acknowledge_p90: timedelta | None
    resolve_p50: timedelta | None
    resolve_p90: timedelta | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises of one kind and severity that have been decided: how many, how many in time."""

    kind: str
    severity: str
    decided: int
    kept: int

    @property
    def percent(self) -> float | None:
        """Share kept, in percent; None where nothing was decided."""
        return 100 * self.kept / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers page, its export and its API in one value."""

    scope: Scope
    now: Summary
    before: Summary
    weeks: tuple[Week, ...]
    kept: tuple[Kept, ...]
    kept_before: tuple[Kept, ...]
    services: tuple[tuple[str, int], ...]

    @property
    def kinds(self) -> list[PromiseKind]:
        """The promises that the numbers tell of: to acknowledge and to resolve, and others where any was decided."""
        decided = {row.kind for row in (*self.kept, *self.kept_before) if row.decided}
        return [kind for kind in PromiseKind if kind in decided or kind in _ALWAYS]

    def kept_percent(self, kind: str, *, before: bool = False) -> float | None:
        """Share of decided promises of one kind that were kept, over all severities."""
        rows = [row for row in (self.kept_before if before else self.kept) if row.kind == kind]
        decided = sum(row.decided for row in rows)
        return 100 * sum(row.kept for row in rows) / decided if decided else None


def seconds(span: timedelta | None) -> float | None:
    """A length of time in seconds, None stays None."""
    return None if span is None else span.total_seconds()


Json = dict[str, Any]
