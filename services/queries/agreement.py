"""What is promised for a service: the terms that are stamped on the clocks of an incident."""

import dataclasses
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from core.calendars import BusinessHours
from services.choices import AgreementKind, Party, TargetMode, VersionState, ZoneSource
from services.domain.promise import seconds_of
from services.models import (
    Agreement,
    AgreementTarget,
    AgreementVersion,
    BusinessCalendar,
    Service,
    WarningRung,
)
from services.queries.hours import business_hours
from services.types import Rung, Target, Terms

_log = logging.getLogger(__name__)
YEARS_BACK = 1
YEARS_AHEAD = 3
_PROMISE_NOTHING = frozenset({Party.L1, Party.CLIENT})


def terms_for(service: Service, severity: str, at: datetime, *, kinds: Iterable[str] = ()) -> list[Terms]:
    """The promises to the client for one severity of a service, by kind; empty where nothing is promised.

    Those of the version in force at `at` (UTC) of its agreement. The hours know the holidays and exceptions from
    last year to three years on, counted from `at`. `kinds` are those asked for, else all. A calendar without any open
    weekday promises nothing: its clocks would never end. One query, one more for a ladder of warnings, and two for a
    calendar that is not 24×7.
    """
    return _terms_of_first(_agreements_of(service), service, severity, at, kinds)


def underpinning_terms(
    service: Service, severity: str, party: str, team: int | None, at: datetime
) -> list[Terms]:
    """What a party promised for the work that it is given: of its OLA and its UC in force at `at`, for that team if it names
    one, and where no team is known for those that are parties of the service.

    The client promises us nothing, and the first line is where work begins.
    """
    if party in _PROMISE_NOTHING:
        return []
    found = []
    theirs = Q(provider_team=team) if team else Q(provider_team__party_services=service.pk)
    for kind in (AgreementKind.OLA, AgreementKind.UC):
        agreements = _covering(service, kind, party).filter(Q(provider_team=None) | theirs)
        found += _terms_of_first(agreements, service, severity, at, ())
    return found


def version_for(service: Service, at: datetime) -> AgreementVersion | None:
    """The terms that hold between us and the client at `at`: those of the service's agreement, else of the narrowest
    that covers it, else of the default. One query."""
    found = _in_force_of_first(_agreements_of(service), at)
    return found.select_related("agreement", "calendar").first()


def targets_for(service: Service, at: datetime) -> list[AgreementTarget]:
    """All targets of the terms that hold between us and the client, with their version. One query."""
    found = AgreementTarget.objects.filter(version__in=_in_force_of_first(_agreements_of(service), at))
    return list(found.select_related("version__agreement", "version__calendar").order_by("severity", "kind"))


def versions_for_all(services: Iterable[Service], at: datetime) -> dict[int, AgreementVersion | None]:
    """The same for many services, by their keys. Three queries, however many."""
    held = in_force(AgreementVersion.objects.filter(agreement__kind=AgreementKind.SLA), at)
    versions = {each.agreement_id: each for each in held.select_related("agreement", "calendar")}
    rules = _rules(Agreement.objects.filter(kind=AgreementKind.SLA))
    return {service.pk: versions.get(service.agreement_id or _chosen(service, rules)) for service in services}


def services_of(agreement: Agreement, services: Iterable[Service]) -> list[Service]:
    """Those of the services for which an agreement counts, beside the others of its kind and provider. Two queries."""
    alike = Agreement.objects.filter(kind=agreement.kind)
    if agreement.kind == AgreementKind.SLA:
        rules = _rules(alike)
        return [each for each in services if (each.agreement_id or _chosen(each, rules)) == agreement.pk]
    team = Q(provider_team=None) | Q(provider_team=agreement.provider_team_id)
    rules = _rules(alike.filter(team, provider=agreement.provider))
    return [each for each in services if _chosen(each, rules) == agreement.pk]


@dataclasses.dataclass(frozen=True, slots=True)
class _Rule:
    """What one line of an agreement covers: a service, or services of a client, a tier, both; or whatever has no other."""

    agreement: int
    service: int | None = None
    client: int | None = None
    tier: int | None = None
    is_default: bool = False

    @property
    def width(self) -> int:
        """How widely it covers, as `_covering` has it: a service, a client's tier, a client, a tier, everything."""
        if self.is_default:
            return 4
        if self.service is not None:
            return 0
        return (1 if self.tier else 2) if self.client is not None else 3

    def fits(self, service: Service) -> bool:
        """Whether a service is among what it covers."""
        if self.service is not None:
            return self.service == service.pk
        return self.client in {None, service.client_id} and self.tier in {None, service.tier}


def _rules(agreements: QuerySet[Agreement]) -> list[_Rule]:
    """What these agreements cover, the narrowest first; the order of `_covering`. Two queries."""
    found = []
    for each in agreements.prefetch_related("scopes"):
        own = [_Rule(each.pk, scope.service_id, scope.client_id, scope.tier) for scope in each.scopes.all()]
        own += [_Rule(each.pk, is_default=True)] if each.is_default else []
        found += [
            (rule.width, each.provider_team_id is None, each.provider_team_id or 0, each.pk, rule)
            for rule in own
        ]
    return [rule for *_order, rule in sorted(found, key=lambda each: each[:4])]


def _chosen(service: Service, rules: Iterable[_Rule]) -> int:
    """The key of the first agreement that covers a service; 0 where none does."""
    return next((rule.agreement for rule in rules if rule.fits(service)), 0)


def terms_of_version(
    version: AgreementVersion, service: Service | None, severity: str, at: datetime
) -> list[Terms]:
    """The promises of one version for one severity, by kind, counted for a service, whose zone may matter."""
    return _of_targets(list(version.targets.filter(severity=severity).order_by("kind")), version, service, at)


def _terms_of_first(
    agreements: QuerySet[Agreement], service: Service, severity: str, at: datetime, kinds: Iterable[str]
) -> list[Terms]:
    """The terms of the version in force of the first of these agreements."""
    wanted = {"kind__in": list(kinds)} if kinds else {}
    targets = list(
        AgreementTarget.objects.filter(
            version__in=_in_force_of_first(agreements, at), severity=severity, **wanted
        )
        .select_related("version__agreement", "version__calendar")
        .annotate(has_rungs=Exists(WarningRung.objects.filter(version=OuterRef("version"))))
        .order_by("kind")
    )
    return _of_targets(targets, targets[0].version, service, at) if targets else []


def _of_targets(
    targets: Sequence[AgreementTarget], version: AgreementVersion, service: Service | None, at: datetime
) -> list[Terms]:
    if not targets:
        return []
    hours = hours_of(version, service, at)
    if not any(hours.weekly):
        _log.warning("%s has no open weekday, so nothing is counted.", version.calendar)
        return []
    rungs = list(version.rungs.all()) if getattr(targets[0], "has_rungs", True) else []
    return [_terms(version, target, hours, rungs, at) for target in targets]


def hours_of(version: AgreementVersion, service: Service | None, at: datetime) -> BusinessHours:
    """A version's hours for what begins at `at`, read in the zone that it says."""
    hours = hours_around(version.calendar, at)
    zone = zone_of(version, service)
    return (
        hours if zone == hours.zone or version.calendar.always_open else dataclasses.replace(hours, zone=zone)
    )


def zone_of(version: AgreementVersion, service: Service | None) -> str:
    """The IANA zone in which a version's hours are read; the calendar's where what it names is not there."""
    own = version.calendar.zone
    if service is None:
        return own
    if version.zone_source == ZoneSource.CLIENT and service.client is not None:
        return service.client.zone
    if version.zone_source == ZoneSource.SERVICE and service.support_calendar is not None:
        return service.support_calendar.zone
    lead = service.owning_team.lead if version.zone_source == ZoneSource.SITE else None
    return lead.site.zone if lead is not None and lead.site is not None else own


def hours_around(calendar: BusinessCalendar, at: datetime) -> BusinessHours:
    """The calendar's hours for what begins at `at`: holidays from last year to three years on."""
    return business_hours(calendar, year_from=at.year - YEARS_BACK, year_to=at.year + YEARS_AHEAD)


def target_of(target: AgreementTarget) -> Target:
    """A row's promised time as the value that the arithmetic takes."""
    return Target(
        mode=target.mode,
        minutes=target.minutes or 0,
        days=target.days or 0,
        at=None if target.at is None else target.at.hour * 3600 + target.at.minute * 60 + target.at.second,
    )


def in_force(versions: QuerySet[AgreementVersion], at: datetime) -> QuerySet[AgreementVersion]:
    """Those that are published and hold at an instant."""
    return versions.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), state=VersionState.PUBLISHED, valid_from__lte=at
    )


def _terms(
    version: AgreementVersion,
    target: AgreementTarget,
    hours: BusinessHours,
    rungs: Iterable[WarningRung],
    at: datetime,
) -> Terms:
    agreement = version.agreement
    promised = target_of(target)
    counted = BusinessHours.always() if target.mode == TargetMode.ELAPSED else hours
    return Terms(
        kind=target.kind,
        target_seconds=seconds_of(promised, counted, at),
        warn_percent=version.warn_percent,
        agreement_name=agreement.name,
        pausable=target.is_pausable,
        hours=counted,
        target=promised,
        basis=agreement.kind,
        provider=agreement.provider,
        agreement=agreement.pk,
        version=version.number,
        stops_for=tuple(target.stops_for),
        stops_with=tuple(target.stops_with),
        on_reopen=version.on_reopen,
        on_severity=version.on_severity,
        rungs=tuple(
            Rung(rung.unit, rung.amount, rung.act, rung.whom, rung.step)
            for rung in rungs
            if rung.kind in {"", target.kind} and rung.severity in {"", target.severity}
        ),
    )


def _in_force_of_first(agreements: QuerySet[Agreement], at: datetime) -> QuerySet[AgreementVersion]:
    """The version in force of the first of these agreements; none where that one has none now."""
    ordered = agreements.query.order_by
    chosen = Agreement.objects.filter(pk__in=agreements.values("pk")[:1]) if ordered else agreements
    return in_force(AgreementVersion.objects.filter(agreement__in=chosen.order_by()), at).order_by()


def _agreements_of(service: Service) -> QuerySet[Agreement]:
    if service.agreement_id:
        return Agreement.objects.filter(pk=service.agreement_id).order_by()
    return _covering(service, AgreementKind.SLA, None)


def _covering(service: Service, kind: str, provider: str | None) -> QuerySet[Agreement]:
    """Agreements of a kind that cover a service, the narrowest first, the default last. Of one party, or of any."""
    fits = [Q(scopes__service=service.pk)]
    group = {"scopes__service": None}
    if service.client_id is not None:
        fits.append(Q(**group, scopes__client=service.client_id, scopes__tier=service.tier))
        fits.append(Q(**group, scopes__client=service.client_id, scopes__tier=None))
    fits += [Q(**group, scopes__client=None, scopes__tier=service.tier), Q(is_default=True)]
    width = Case(
        *[When(each, then=Value(rank)) for rank, each in enumerate(fits)], output_field=IntegerField()
    )
    found = Agreement.objects.filter(reduce(or_, fits), kind=kind)
    if provider is not None:
        found = found.filter(provider=provider)
    return found.annotate(width=width).order_by("width", F("provider_team").asc(nulls_last=True), "pk")
