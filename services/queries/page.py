"""Read models of the catalogue's pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import calendars
from core.ui.words import duration
from services.choices import Severity
from services.health import truths
from services.models import BusinessCalendar, ModelVersion, Service
from services.queries.agreement import agreement_of, hours_around
from services.types import Truth


@dataclass(frozen=True, slots=True)
class Row:
    """A service in the list, with the worst that is known of it."""

    service: Service
    truth: Truth


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """What is promised at one severity, in words."""

    severity: str
    acknowledge: str
    resolve: str


@dataclass(frozen=True, slots=True)
class Promises:
    """An agreement as people read it. `open_now` and `changes` say when its clocks run."""

    name: str
    calendar: BusinessCalendar
    rows: list[PromiseRow]
    open_now: bool
    changes_at: datetime | None


def rows(services: Iterable[Service]) -> list[Row]:
    """Services with their truths, in the order given."""
    found = list(services)
    known = truths([service.pk for service in found])
    return [Row(service, known[service.pk]) for service in found]


def promises_of(service: Service, now: datetime) -> Promises | None:
    """What the service's agreement promises, severity by severity; None where nothing is agreed."""
    agreement = agreement_of(service)
    if agreement is None:
        return None
    minutes = {(target.severity, target.kind): target.minutes for target in agreement.targets.all()}
    table = [
        PromiseRow(
            severity.value,
            _words(minutes.get((severity.value, "acknowledge"))),
            _words(minutes.get((severity.value, "resolve"))),
        )
        for severity in Severity
        if any(key[0] == severity.value for key in minutes)
    ]
    hours = hours_around(agreement.calendar, now)
    is_open = calendars.is_open(hours, now)
    changes = None
    if not agreement.calendar.always_open:
        changes = _closes(hours, now) if is_open else calendars.next_open(hours, now)
    return Promises(agreement.name, agreement.calendar, table, is_open, changes)


def versions_of(service: Service) -> list[ModelVersion]:
    """Versions of the service's models that matter now: champion and canary first, then the newest."""
    found = ModelVersion.objects.filter(model__service=service).select_related("model")[:30]
    order = {"champion": 0, "canary": 1, "candidate": 2, "archived": 3}
    return sorted(found, key=lambda version: order.get(version.stage, 4))[:12]


def _closes(hours: calendars.BusinessHours, now: datetime) -> datetime | None:
    for frame in calendars.open_intervals(hours, now, now + timedelta(days=8)):
        return frame.end
    return None


def _words(minutes: int | None) -> str:
    return duration(minutes * 60) if minutes else "–"
