"""Agreements as people and programs read them: versions, what holds now, how two versions differ, what one would promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from core.calendars import NeverOpen
from core.errors import Invalid
from core.intervals import Interval
from services.choices import PromiseKind, Severity, VersionState
from services.domain import promise
from services.domain.explaining import Explained, explain
from services.models import Agreement, AgreementScope, AgreementTarget, AgreementVersion, Service, WarningRung
from services.queries.agreement import in_force, target_of, terms_of_version, zone_of
from services.queries.words import goal_words, rung_words, stops_words, target_words
from services.types import Rung, Terms

MOST_PAUSES: Final = 50
_KINDS: Final = list(PromiseKind.values)


def with_terms(agreements: QuerySet[Agreement], now: datetime) -> QuerySet[Agreement]:
    """Agreements with what they cover (`covered`: rows of service, client, tier) and, as `versions_now`, the version in
    force at `now` with its targets and rungs."""
    held = (
        in_force(AgreementVersion.objects.all(), now)
        .select_related("calendar", "published_by")
        .prefetch_related("targets", "rungs")
    )
    scopes = AgreementScope.objects.filter(agreement=OuterRef("pk")).order_by("pk")
    covered = scopes.values(row=JSONObject(service="service__slug", client="client__slug", tier="tier"))
    return (
        agreements.select_related("provider_team", "client")
        .annotate(covered=ArraySubquery(covered))
        .prefetch_related(Prefetch("versions", held, to_attr="versions_now"))
    )


def versions_of(agreement: Agreement) -> list[AgreementVersion]:
    """All versions, the newest first, with their rows."""
    found = agreement.versions.select_related("calendar", "published_by").prefetch_related("targets", "rungs")
    return list(found.order_by("-number"))


@dataclass(frozen=True, slots=True)
class Change:
    """One term that differs: what it is about, as it was ("" where it is new) and as it is ("" where it is gone)."""

    what: str
    before: str
    after: str


def difference(before: AgreementVersion, after: AgreementVersion) -> list[Change]:
    """What differs between two versions, settings first, then targets by severity, then the ladder."""
    found = [
        Change(str(label), old, new)
        for (label, old), (_label, new) in zip(_settings(before), _settings(after), strict=True)
        if old != new
    ]
    was, now = _targets(before), _targets(after)
    found += [
        Change(
            f"{severity} {PromiseKind(kind).label}",
            was.get((severity, kind), ""),
            now.get((severity, kind), ""),
        )
        for severity in Severity.values
        for kind in PromiseKind.values
        if was.get((severity, kind)) != now.get((severity, kind))
    ]
    old_rungs, new_rungs = (
        [ladder_words(each) for each in before.rungs.all()],
        [ladder_words(each) for each in after.rungs.all()],
    )
    found += [Change(_("Warning"), words, "") for words in old_rungs if words not in new_rungs]
    found += [Change(_("Warning"), "", words) for words in new_rungs if words not in old_rungs]
    return found


def _settings(version: AgreementVersion) -> list[tuple[str, str]]:
    yes, no = _("yes"), _("no")
    return [
        (_("Calendar"), str(version.calendar)),
        (_("Zone"), str(version.get_zone_source_display())),
        (_("First warning"), f"{version.warn_percent} %"),
        (_("When reopened"), str(version.get_on_reopen_display())),
        (_("Another severity"), str(version.get_on_severity_display())),
        (_("Announced maintenance left out"), yes if version.excludes_maintenance else no),
        (_("Credits"), version.credits_text),
    ]


def _targets(version: AgreementVersion) -> dict[tuple[str, str], str]:
    return {(each.severity, each.kind): full_words(each, version) for each in version.targets.all()}


def full_words(target: AgreementTarget, version: AgreementVersion) -> str:
    """A target with its goal and what stops it, in one line."""
    goal = goal_words(target)
    parts = [
        target_words(target_of(target), around_the_clock=version.calendar.always_open),
        _("%(goal)s a month") % {"goal": goal} if goal else "",
        stops_words(target),
    ]
    return ", ".join(filter(None, parts))


def rung_of(row: WarningRung) -> Rung:
    """A row of a ladder as the value that the arithmetic takes."""
    return Rung(row.unit, row.amount, row.act, row.whom, row.step)


def ladder_words(row: WarningRung) -> str:
    """A row of a ladder in one line, with the promises that it is about."""
    of = " ".join(filter(None, [row.severity, str(PromiseKind(row.kind).label) if row.kind else ""]))
    return f"{of or _('Each promise')}, {rung_words(rung_of(row))}"


@dataclass(frozen=True, slots=True)
class Tried:
    """What one promise would be: when it warns and is due (UTC), each rung with its instant, and how it is counted."""

    terms: Terms
    words: str
    warn_at: datetime
    due_at: datetime
    rungs: tuple[tuple[Rung, datetime], ...]
    explained: Explained


@dataclass(frozen=True, slots=True)
class Trial:
    """An agreement tried: the version that would hold, the zone in which its hours are read, each promise by kind."""

    version: AgreementVersion
    zone: str
    severity: str
    raised_at: datetime
    promises: tuple[Tried, ...]


def trial(
    version: AgreementVersion,
    service: Service | None,
    severity: str,
    raised_at: datetime,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> Trial:
    """What would be promised for an incident of that severity raised then (UTC), were it on hold in `pauses`.

    Every promise counts from `raised_at`, also those that begin later in an incident's life. Raises Invalid for another
    severity, a far year, pauses that end before they begin, or a calendar that never has so much open time.
    """
    if severity not in Severity.values:
        raise Invalid("A severity is SEV1 to SEV4.", fields={"severity": "SEV1 to SEV4"})
    if not 2000 <= raised_at.year <= 2100:
        raise Invalid("Raise it between 2000 and 2100.", fields={"raised_at": "2000 to 2100"})
    if len(pauses) > MOST_PAUSES or any(end < start for start, end in pauses):
        raise Invalid("A hold ends after it begins.", fields={"pauses": "in order, at most 50"})
    held = tuple(Interval(start, end) for start, end in pauses if end > start)
    try:
        found = [
            _tried(terms, version, raised_at, held)
            for terms in terms_of_version(version, service, severity, raised_at)
        ]
    except NeverOpen:
        raise Invalid(
            f"{version.calendar} never has so much open time ahead.", fields={"raised_at": "never open"}
        ) from None
    found.sort(key=lambda each: _KINDS.index(each.terms.kind))
    return Trial(version, zone_of(version, service), severity, raised_at, tuple(found))


def _tried(
    terms: Terms, version: AgreementVersion, raised_at: datetime, held: tuple[Interval[datetime], ...]
) -> Tried:
    counted = promise.Terms(
        terms.hours, raised_at, terms.target_seconds, terms.warn_percent, held if terms.pausable else ()
    )
    planned = promise.plan(counted)
    return Tried(
        terms,
        target_words(terms.target, around_the_clock=version.calendar.always_open),
        planned.warn_at,
        planned.due_at,
        tuple(
            sorted(((rung, promise.rung_at(counted, rung)) for rung in terms.rungs), key=lambda each: each[1])
        ),
        explain(counted, now=raised_at, due_at=planned.due_at),
    )


def version_or_none(agreement: Agreement, number: int | None, at: datetime) -> AgreementVersion | None:
    """The version of that number, else the one in force at `at`, else the newest draft."""
    versions = agreement.versions.select_related("agreement", "calendar")
    if number is not None:
        return versions.filter(number=number).first()
    return (
        in_force(versions, at).first()
        or versions.filter(state=VersionState.DRAFT).order_by("-number").first()
    )
