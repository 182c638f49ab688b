"""Read models of the catalogue's pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Value, When, prefetch_related_objects
from django.utils.translation import gettext as _

from core.ui.words import duration
from services.choices import PromiseKind, Severity, Stage
from services.health import truths
from services.models import Agreement, ModelVersion, Service
from services.queries.agreement import agreement_of
from services.queries.week import Week, week_of
from services.types import Truth

VERSIONS_SHOWN = 12
_BY_STAGE = Case(
    *[When(stage=stage, then=Value(rank)) for rank, stage in enumerate((Stage.CHAMPION, Stage.CANARY, Stage.CANDIDATE))],
    default=Value(9),
    output_field=IntegerField(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A service in the list, with the worst that is known of it."""

    service: Service
    truth: Truth


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """What is promised at one severity: both times in words, "" where nothing is, and one sentence."""

    severity: str
    acknowledge: str
    resolve: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Promises:
    """An agreement as people read it, with the week in which its clocks run."""

    name: str
    is_default: bool
    rows: list[PromiseRow]
    week: Week


def rows(services: Iterable[Service]) -> list[Row]:
    """Services with their truths, in the order given."""
    found = list(services)
    known = truths([service.pk for service in found])
    return [Row(service, known[service.pk]) for service in found]


def promises_and_support(service: Service, now: datetime) -> tuple[Promises | None, Week | None]:
    """What is promised for a service, and its support hours where the promises don't show the same already.

    Four queries at most, whatever the calendars.
    """
    agreement = agreement_of(service)
    support = service.support_calendar
    if agreement is not None and support is not None and agreement.calendar_id == support.pk:
        support = None
    calendars = [calendar for calendar in (agreement and agreement.calendar, support) if calendar]
    timed = [calendar for calendar in calendars if not calendar.always_open]
    prefetch_related_objects(timed, "frames", "exceptions")
    promises = _promises(agreement, service, week_of(agreement.calendar, now)) if agreement else None
    return promises, week_of(support, now) if support else None


def _promises(agreement: Agreement, service: Service, week: Week) -> Promises:
    minutes = {(target.severity, target.kind): target.minutes for target in agreement.targets.all()}
    return Promises(
        name=agreement.name,
        is_default=service.agreement_id is None,
        rows=[
            _promise(severity, minutes, week)
            for severity in Severity.values
            if any((severity, kind) in minutes for kind in PromiseKind.values)
        ],
        week=week,
    )


def versions_of(service: Service) -> list[ModelVersion]:
    """Versions of the service's models that matter now: champions, canaries, candidates, then the newest."""
    found = ModelVersion.objects.filter(model__service=service).select_related("model")
    return list(found.order_by(_BY_STAGE, "-pk")[:VERSIONS_SHOWN])


def _promise(severity: str, minutes: dict[tuple[str, str], int], week: Week) -> PromiseRow:
    acknowledge, resolve = (
        _length(minutes.get((severity, kind)), week)
        for kind in (PromiseKind.ACKNOWLEDGE, PromiseKind.RESOLVE)
    )
    parts = [
        _("acknowledge in %(time)s") % {"time": acknowledge} if acknowledge else "",
        _("resolve in %(time)s") % {"time": resolve} if resolve else "",
        _("counted 24×7") if week.always_open else _("counted in %(calendar)s") % {"calendar": week.name},
    ]
    return PromiseRow(severity, acknowledge, resolve, ", ".join(filter(None, parts)))


def _length(minutes: int | None, week: Week) -> str:
    """A promised time; beyond a day in office hours as hours, because a day there has no fixed length."""
    if minutes is None:
        return ""
    if week.always_open or minutes < 24 * 60:
        return duration(minutes * 60)
    hours, rest = divmod(minutes, 60)
    return _("%(h)d h %(m)02d") % {"h": hours, "m": rest} if rest else _("%(h)d h") % {"h": hours}
