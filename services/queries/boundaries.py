"""Who does what for a service: the template with the service's own rows laid over it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import Team
from core.prefetched import remember
from services.choices import Party
from services.models import Activity, PartyTerms, Responsibility, Service
from services.types import Boundaries, Duty, Evidence, PartyBounds


def template() -> Boundaries:
    """What holds for a service that says nothing. Three queries."""
    letters = _letters(Q(service__isnull=True))
    return Boundaries(
        duties=_duties(list(Activity.objects.all()), letters, None),
        parties=_parties(list(_terms(Q(service__isnull=True))), None, ()),
    )


def boundaries_of(service: Service) -> Boundaries:
    """The boundaries of one service. Four queries, three where its parties were prefetched."""
    return boundaries_of_all([service])[service.pk]


def boundaries_of_all(services: Sequence[Service]) -> dict[int, Boundaries]:
    """By the service's key, as many queries for many as for one; `owning_team` is best read with the services."""
    keys = [service.pk for service in services]
    mine = Q(service__isnull=True) | Q(service__in=keys)
    activities, letters = list(Activity.objects.all()), _letters(mine)
    terms, teams = list(_terms(mine)), _outside_teams(services)
    return {
        service.pk: Boundaries(
            duties=_duties(activities, letters, service.pk),
            parties=_parties(terms, service, teams[service.pk]),
            service_id=service.pk,
        )
        for service in services
    }


def with_parties(services: QuerySet[Service]) -> QuerySet[Service]:
    """Services that bring along the teams that are party to them, for `read_parties`."""
    teams = Team.objects.filter(party_services=OuterRef("pk")).order_by("name")
    said = JSONObject(id="pk", slug="slug", name="name", kind="kind", lead_id="lead_id")
    return services.annotate(party_teams=ArraySubquery(teams.values(said=said)))


def read_parties(service: Service) -> None:
    """The parties of a service of `with_parties`, as if prefetched. No query."""
    remember(service, "parties", [Team(**each) for each in service.party_teams])  # type: ignore[attr-defined]


def parties_of(service: Service) -> dict[str, PartyBounds]:
    """Only where each party's work begins and ends. Two queries, one where the service's parties were prefetched."""
    terms = list(_terms(Q(service__isnull=True) | Q(service=service)))
    return _parties(terms, service, _outside_teams([service])[service.pk])


def _terms(wanted: Q) -> Iterable[PartyTerms]:
    return PartyTerms.objects.filter(wanted).select_related("team").order_by("pk")


def _letters(wanted: Q) -> dict[int | None, dict[int, dict[str, str]]]:
    """service key (None: the template) → activity key → party → letter."""
    found: dict[int | None, dict[int, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    rows = Responsibility.objects.filter(wanted).order_by()
    for service, activity, party, letter in rows.values_list("service", "activity", "party", "letter"):
        found[service][activity][party] = letter
    return found


def _duties(
    activities: Iterable[Activity],
    letters: Mapping[int | None, Mapping[int, Mapping[str, str]]],
    service: int | None,
) -> tuple[Duty, ...]:
    own = letters.get(service, {}) if service is not None else {}
    common = letters.get(None, {})
    return tuple(
        Duty(
            slug=activity.slug,
            name=activity.name,
            group=activity.group,
            letters=_in_order(own.get(activity.pk) or common.get(activity.pk, {})),
            help=activity.help,
            needs_runbook=activity.needs_runbook,
            own=activity.pk in own,
        )
        for activity in activities
    )


def _in_order(letters: Mapping[str, str]) -> dict[str, str]:
    return {party: letters[party] for party in Party.values if party in letters}


def _outside_teams(services: Sequence[Service]) -> dict[int, list[Team]]:
    """The teams that are party to each service. One query, none where they were prefetched."""
    if all("parties" in getattr(service, "_prefetched_objects_cache", {}) for service in services):
        return {service.pk: list(service.parties.all()) for service in services}
    found: dict[int, list[Team]] = {service.pk: [] for service in services}
    through: Any = Service.parties.through.objects.filter(service__in=found).select_related("team")
    for row in through.order_by("team__name"):
        found[row.service_id].append(row.team)
    return found


def _parties(
    terms: Sequence[PartyTerms], service: Service | None, outside: Iterable[Team]
) -> dict[str, PartyBounds]:
    common = {row.party: row for row in terms if row.service_id is None}
    own = {row.party: row for row in terms if service is not None and row.service_id == service.pk}
    teams = list(outside)
    found = {}
    for party in Party.values:
        row = own.get(party) or common.get(party)
        if row is not None:
            found[party] = _bounds(row, _team(party, own.get(party), common.get(party), service, teams))
    return found


def _team(
    party: str,
    own: PartyTerms | None,
    common: PartyTerms | None,
    service: Service | None,
    outside: Iterable[Team],
) -> Team | None:
    """Who the party is here: as said for the service, else the owning team or its party of that kind, else as said for all."""
    if own is not None and own.team is not None:
        return own.team
    if service is not None:
        if service.owning_team.kind == party:
            return service.owning_team
        for team in outside:
            if team.kind == party:
                return team
    return common.team if common is not None else None


def _bounds(row: PartyTerms, team: Team | None) -> PartyBounds:
    return PartyBounds(
        party=row.party,
        team_id=team.pk if team else None,
        team_name=str(team) if team else "",
        authority=tuple(row.authority),
        scope_in=row.scope_in,
        scope_out=row.scope_out,
        entry=row.entry,
        evidence=tuple(
            Evidence(each["key"], each["label"], bool(each.get("required"))) for each in row.evidence
        ),
        timebox=row.timebox_minutes,
        out_of_hours=row.out_of_hours,
        hands_to=row.hands_to,
        return_path=row.return_path,
        own=row.service_id is not None,
    )
