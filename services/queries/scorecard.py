"""How services stand to the standards: one service in full, and many side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from services.choices import CheckState
from services.models import ReadinessChange, ReadinessDay, ReadinessResult, Service
from services.readiness import Standard, registered

DAYS = 30
CHANGES = 20


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the standards that apply are met; `percent` is None where none applies."""

    met: int
    applied: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.met / self.applied) if self.applied else None


@dataclass(frozen=True, slots=True)
class Mark:
    """One standard of one service; `result` is None where nobody has looked yet. `overdue`: its day has passed."""

    standard: Standard
    result: ReadinessResult | None
    overdue: bool = False

    @property
    def tone(self) -> str:
        """As the marks of health know it."""
        state = self.result.state if self.result else ""
        return {"pass": "ok", "fail": "bad"}.get(state, "off")

    @property
    def word(self) -> str:
        return str(CheckState(self.result.state).label) if self.result else _("Not looked at yet")


@dataclass(frozen=True, slots=True)
class Line:
    """One service of the scorecard: its marks in the order of the standards, its score, and that of the last days."""

    service: Service
    marks: tuple[Mark, ...]
    score: Score
    history: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One service in full. `failing` are the marks that are missed, the soonest due first."""

    marks: tuple[Mark, ...]
    score: Score
    failing: tuple[Mark, ...]
    checked_at: datetime | None


def standing_of(service: Service, now: datetime) -> Standing:
    """How a service stands. One query."""
    rows = ReadinessResult.objects.filter(service=service).select_related("owner__site").order_by("standard")
    marks = _marks({row.standard: row for row in rows}, now)
    failing = [mark for mark in marks if mark.result is not None and mark.result.state == CheckState.FAIL]
    failing.sort(key=lambda mark: mark.result.due or date.max if mark.result else date.max)
    looked = [mark.result.checked_at for mark in marks if mark.result is not None]
    return Standing(marks, score_of(marks), tuple(failing), max(looked) if looked else None)


def score_of(marks: Iterable[Mark]) -> Score:
    states = [mark.result.state for mark in marks if mark.result is not None]
    met = sum(state == CheckState.PASS for state in states)
    return Score(met, met + sum(state == CheckState.FAIL for state in states))


def lines(services: Sequence[Service], now: datetime) -> list[Line]:
    """The scorecard of these services. Two queries, however many."""
    keys = [service.pk for service in services]
    by: dict[int, dict[str, ReadinessResult]] = {key: {} for key in keys}
    for row in ReadinessResult.objects.filter(service__in=keys).select_related("owner"):
        by[row.service_id][row.standard] = row
    history = _history(keys, now)
    found = []
    for service in services:
        marks = _marks(by[service.pk], now)
        found.append(Line(service, marks, score_of(marks), history[service.pk]))
    return found


def totals(services: QuerySet[Service]) -> list[tuple[Standard, int, int]]:
    """Each standard with how many of these services meet it, of how many it applies to. One query."""
    rows = ReadinessResult.objects.filter(service__in=services.order_by().values("pk")).order_by()
    counts = {
        standard: (met, applied)
        for standard, met, applied in rows.values_list("standard").annotate(
            met=Count("pk", filter=Q(state=CheckState.PASS)),
            applied=Count("pk", filter=~Q(state=CheckState.NA)),
        )
    }
    return [(each, *counts.get(each.name, (0, 0))) for each in registered()]


def changes_of(service: Service) -> list[tuple[ReadinessChange, str]]:
    """The newest changes, each with what its standard is called. One query."""
    names = {each.name: str(each.label) for each in registered()}
    rows = ReadinessChange.objects.filter(service=service)[:CHANGES]
    return [(row, names.get(row.standard, row.standard)) for row in rows]


def _marks(known: dict[str, ReadinessResult], now: datetime) -> tuple[Mark, ...]:
    today = now.astimezone(UTC).date()
    found = []
    for each in registered():
        row = known.get(each.name)
        late = bool(row and row.state == CheckState.FAIL and row.due and row.due < today)
        found.append(Mark(each, row, late))
    return tuple(found)


def _history(keys: Sequence[int], now: datetime) -> dict[int, tuple[float | None, ...]]:
    """The share of standards that were met on each of the last days, None where nobody looked or none applied."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=DAYS - 1)
    found: dict[int, list[float | None]] = {key: [None] * DAYS for key in keys}
    rows = ReadinessDay.objects.filter(service__in=keys, day__gte=first, day__lte=today, applied__gt=0)
    for key, day, met, applied in rows.order_by().values_list("service", "day", "met", "applied"):
        found[key][(day - first).days] = met / applied
    return {key: tuple(values) for key, values in found.items()}
