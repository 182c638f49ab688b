"""What the history is spread over, read once: services with their promises, people by shift, doors, policies."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.models import Site, Team, User
from config.demo import words
from config.grow.tables import Raw, as_json
from core.search import normalise
from monitoring.models import Integration
from rotas.domain.terms import stamp
from rotas.models import EscalationPolicy
from rotas.queries.policy import choose
from services.choices import Severity
from services.models import Service
from services.queries.agreement import terms_for
from services.queries.hours import to_json
from services.types import Terms

# Where the working day is at each third of a UTC day, beginning at 00:15.
_SHIFTS = ("kathmandu", "nairobi", "bogota")


class NoWorld(Exception):
    """The demo organisation, over which history is spread, is not there."""


@dataclass(frozen=True, slots=True)
class Who:
    """A person as rows name them."""

    pk: int
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it is stamped on a run."""

    pk: int
    name: str
    terms: Raw
    waits: tuple[int, ...]


@dataclass(slots=True)
class World:
    """Everything that rows refer to."""

    services: dict[str, Service]
    doors: list[int]
    teams: dict[str, int]
    crews: dict[tuple[str, str], list[Who]]
    policies: dict[tuple[str, str], Policy]
    _terms: dict[tuple[str, str, int], list[tuple[Terms, Raw]]] = field(default_factory=dict)
    _words: dict[tuple[str, str], tuple[list[str], list[str]]] = field(default_factory=dict)

    def crew(self, at: datetime, level: str) -> Who:
        """Who is on duty: the site whose day it is, and there one after the other by the week."""
        minutes = (at.hour * 60 + at.minute - 15) % 1440
        people = self.crews[level, _SHIFTS[minutes // 480]]
        return people[(at.toordinal() // 7) % len(people)]

    def promises(self, slug: str, severity: str, year: int) -> list[tuple[Terms, Raw]]:
        """The promises of a service at a severity with the holidays of that year, and their hours as JSON."""
        key = (slug, severity, year)
        if key not in self._terms:
            found = terms_for(
                self.services[slug],
                severity,
                datetime(year, 1, 1, tzinfo=UTC),
                kinds=("acknowledge", "resolve"),
            )
            self._terms[key] = [(terms, as_json(to_json(terms.hours))) for terms in found]
        return self._terms[key]

    def prepare(self, years: Sequence[int]) -> None:
        """Ask for every promise now, so that nothing is asked while rows are made beside the writing."""
        for slug in self.services:
            for severity in Severity.values:
                for year in years:
                    self.promises(slug, severity, year)

    def search(self, pk: int, title: str, suffix: str, slug: str) -> Raw:
        """What `incidents.domain.writing.index` makes of it, written out."""
        if (title, slug) not in self._words:
            service = self.services[slug]
            known = f"{service.slug} {service.name} {service.client_name}"
            self._words[title, slug] = (normalise(title).split(), normalise(known).split())
        before, after = self._words[title, slug]
        found = ["inc", str(pk), *before, *(normalise(suffix).split() if suffix else ()), *after]
        return Raw(" ".join([f"{word}:{place}" for place, word in enumerate(found, 1)]))


def read_world() -> World:
    """Raises NoWorld where the demo organisation is missing."""
    services = {
        service.slug: service
        for service in Service.objects.filter(slug__in=words.TROUBLES).select_related("client", "agreement")
    }
    doors = list(
        Integration.objects.filter(source__in=["alertmanager", "grafana"], service=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    crews = _crews()
    missing = words.TROUBLES.keys() - services.keys()
    sites = set(_SHIFTS) - {site for _level, site in crews}
    if missing or sites or not doors:
        raise NoWorld
    return World(
        services=services,
        doors=doors,
        teams={str(team.kind): team.pk for team in Team.objects.filter(kind__in=["l1", "l2"])},
        crews=crews,
        policies=_policies(services),
    )


def _crews() -> dict[tuple[str, str], list[Who]]:
    found: dict[tuple[str, str], list[Who]] = defaultdict(list)
    for kind in ("l1", "l2"):
        people = User.objects.filter(
            teams__kind=kind, site__slug__in=_SHIFTS, role="responder", is_active=True
        )
        for user in people.select_related("site").order_by("pk"):
            site: Any = user.site
            found[kind, site.slug].append(Who(user.pk, str(user)))
    for site in Site.objects.filter(slug__in=_SHIFTS):
        if ("l1", site.slug) in found:
            found.setdefault(("l2", site.slug), found["l1", site.slug])
    return found


def _policies(services: dict[str, Service]) -> dict[tuple[str, str], Policy]:
    stamped: dict[int, Policy] = {}
    found = {}
    for slug, service in services.items():
        for severity in Severity.values:
            policy = choose(service, severity)
            if policy is not None:
                if policy.pk not in stamped:
                    stamped[policy.pk] = _stamped(policy)
                found[slug, severity] = stamped[policy.pk]
    return found


def _stamped(policy: EscalationPolicy) -> Policy:
    terms = stamp(policy)
    waits = tuple(int(step["wait_seconds"]) for step in terms["steps"])
    return Policy(policy.pk, policy.name, as_json(terms), waits)
