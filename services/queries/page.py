"""Read models of the catalogue's pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from services.choices import PromiseKind, Severity, Stage
from services.health import truths
from services.models import AgreementTarget, AgreementVersion, ModelVersion, Service
from services.queries.agreement import target_of, targets_for, zone_of
from services.queries.hours import read_frames
from services.queries.week import Week, week_of
from services.queries.words import target_words
from services.types import Truth

VERSIONS_SHOWN = 12
_BY_STAGE = Case(
    *[When(stage=stage, then=Value(rank)) for rank, stage in enumerate((Stage.CHAMPION, Stage.CANARY, Stage.CANDIDATE))],
    default=Value(9),
    output_field=IntegerField(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """What a row shows of a service; `client` is None for one of our own."""

    pk: int
    slug: str
    name: str
    tier: int
    kind: str
    lifecycle: str
    environment: str
    client: str | None
    team: str


@dataclass(frozen=True, slots=True)
class Row:
    """A service in the list, with the worst that is known of it."""

    service: Listed
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
    """The version of an agreement that holds, as people read it, with the week in which its clocks run."""

    slug: str
    name: str
    number: int
    is_default: bool
    rows: list[PromiseRow]
    week: Week


def listed(services: QuerySet[Service]) -> list[Listed]:
    """The rows as the list shows them, in their order. One query."""
    shown: Any = services.values_list(
        "pk", "slug", "name", "tier", "kind", "lifecycle", "environment", "client__name", "owning_team__name"
    )
    return [Listed(*each) for each in shown]


def rows(services: Iterable[Listed]) -> list[Row]:
    """Services with their truths, in the order given."""
    found = list(services)
    known = truths([service.pk for service in found])
    return [Row(service, known[service.pk]) for service in found]


def promises_and_support(service: Service, now: datetime) -> tuple[Promises | None, Week | None]:
    """What is promised for a service, and its support hours where the promises don't show the same already.

    Three queries at most, whatever the calendars.
    """
    targets = targets_for(service, now)
    version = targets[0].version if targets else None
    support = service.support_calendar
    if version is not None and support is not None and version.calendar_id == support.pk:
        support = None
    calendars = [calendar for calendar in (version and version.calendar, support) if calendar]
    timed = [calendar for calendar in calendars if not calendar.always_open]
    read_frames(timed)
    promises = None
    if version is not None:
        version.calendar.zone = zone_of(version, service)
        promises = _promises(version, targets, week_of(version.calendar, now))
    return promises, week_of(support, now) if support else None


def _promises(version: AgreementVersion, found: list[AgreementTarget], week: Week) -> Promises:
    targets = {(target.severity, target.kind): target for target in found}
    return Promises(
        slug=version.agreement.slug,
        name=version.agreement.name,
        number=version.number,
        is_default=version.agreement.is_default,
        rows=[
            _promise(severity, targets, week)
            for severity in Severity.values
            if any((severity, kind) in targets for kind in PromiseKind.values)
        ],
        week=week,
    )


def versions_of(service: Service) -> list[ModelVersion]:
    """Versions of the service's models that matter now: champions, canaries, candidates, then the newest."""
    found = ModelVersion.objects.filter(model__service=service).select_related("model")
    return list(found.order_by(_BY_STAGE, "-pk")[:VERSIONS_SHOWN])


def _promise(severity: str, targets: dict[tuple[str, str], AgreementTarget], week: Week) -> PromiseRow:
    words = {
        kind: target_words(target_of(targets[severity, kind]), around_the_clock=week.always_open)
        for kind in PromiseKind.values
        if (severity, kind) in targets
    }
    acknowledge, resolve = words.get(PromiseKind.ACKNOWLEDGE, ""), words.get(PromiseKind.RESOLVE, "")
    parts = [
        _("acknowledge in %(time)s") % {"time": acknowledge} if acknowledge else "",
        _("resolve in %(time)s") % {"time": resolve} if resolve else "",
        *[
            f"{PromiseKind(kind).label} {words[kind]}".lower()
            for kind in words
            if kind not in {PromiseKind.ACKNOWLEDGE, PromiseKind.RESOLVE}
        ],
        _("counted 24×7") if week.always_open else _("counted in %(calendar)s") % {"calendar": week.name},
    ]
    return PromiseRow(severity, acknowledge, resolve, ", ".join(filter(None, parts)))
