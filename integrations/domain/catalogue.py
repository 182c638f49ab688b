"""Clients, services and teams that imported history speaks of: those that are here, and those to be made.

A service that is made is retired: its history is here to be read, and no alert may open incidents on it or
call anybody until a lead sets its lifecycle. Its agreement is the default's, as for any service without one.
"""

from dataclasses import dataclass, field

from accounts.models import Team
from core.errors import Refused
from integrations.sources.values import slug_of
from integrations.types import Named, Rejected
from services.choices import Lifecycle, ServiceKind, Tier
from services.models import Client, Service

# A column with more values than this is hardly one of services or teams.
MOST = 1_000


@dataclass(slots=True)
class Catalogue:
    """What is found or made, kept by the slug a file gave it. `client` is a name; "" makes services internal.

    `own_only`: services must be that client's. Without `make_…` an unknown one is rejected.
    """

    client: str
    team_kind: str
    make_services: bool = True
    make_teams: bool = True
    own_only: bool = True
    dry_run: bool = False
    services: dict[str, Service] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    made_services: list[str] = field(default_factory=list)
    made_teams: list[str] = field(default_factory=list)
    _client: Client | None = None
    _owner: Team | None = None

    def trial(self) -> "Catalogue":
        """One of the same terms that knows nothing yet and writes nothing."""
        return Catalogue(
            client=self.client,
            team_kind=self.team_kind,
            make_services=self.make_services,
            make_teams=self.make_teams,
            own_only=self.own_only,
            dry_run=True,
        )

    def know(self, service: Named, teams: tuple[Named, ...]) -> None:
        """See to it that they are there, as part of the caller's transaction.

        Raises Rejected where one is unknown and may not be made; then nothing was made for it, not even what may be.
        Raises Refused where a service is somebody else's, or there are absurdly many.
        """
        found = self.services.get(service.slug) or self._service_here(service)
        here = {team.slug: self.teams.get(team.slug) or self._team_here(team) for team in teams}
        self.services[service.slug] = found or self._make_service(service)
        for team in teams:
            if team.slug not in self.teams:
                self.teams[team.slug] = here[team.slug] or self._make_team(team)
        for what, made in (("services", self.made_services), ("teams", self.made_teams)):
            if len(made) > MOST:
                raise Refused(f"The file speaks of more than {MOST} new {what}. Is it the right column?")

    def _service_here(self, named: Named) -> Service | None:
        """None: it isn't here and may be made."""
        found = Service.objects.select_related("client").filter(slug=named.slug).first()
        if found is None and not self.own_only:
            found = Service.objects.select_related("client").filter(name__iexact=named.name).first()
        if found is not None:
            if self.own_only and not self._is_own(found):
                raise Refused(
                    f"A service {found.slug} is here already and belongs to {found.client_name}, not to {self.client}. "
                    "Choose another --client."
                )
            return found
        if not self.make_services:
            raise Rejected(f"there is no service “{named.name[:60]}”, and the mapping makes none")
        return None

    def _is_own(self, service: Service) -> bool:
        client = self._client_here()
        return client is not None and client.pk is not None and client.pk == service.client_id

    def _make_service(self, named: Named) -> Service:
        made = Service(
            slug=named.slug,
            name=named.name,
            summary=f"Taken over with the history of {self.client}"
            if self.client
            else "Taken over with its history",
            client=self._of_client(),
            tier=Tier.T3,
            kind=ServiceKind.PLATFORM,
            lifecycle=Lifecycle.RETIRED,
            owning_team=self._owning_team(),
            auto_resolve=False,
        )
        if not self.dry_run:
            made.save(force_insert=True)
        self.made_services.append(made.slug)
        return made

    def _team_here(self, named: Named) -> Team | None:
        """None: it isn't here and may be made."""
        found = Team.objects.filter(slug=named.slug).first()
        if found is None and not self.own_only:
            found = Team.objects.filter(name__iexact=named.name).first()
        if found is not None:
            return found
        if not self.make_teams:
            raise Rejected(f"there is no team “{named.name[:60]}”, and the mapping makes none")
        return None

    def _make_team(self, named: Named) -> Team:
        made = Team(slug=named.slug, name=named.name[:80], kind=self.team_kind)
        if not self.dry_run:
            made.save(force_insert=True)
        self.made_teams.append(made.slug)
        return made

    def _of_client(self) -> Client | None:
        if self._client_here() is None and self.client:
            self._client = Client(slug=slug_of(self.client), name=self.client[:120])
            if not self.dry_run:
                self._client.save(force_insert=True)
        return self._client

    def _client_here(self) -> Client | None:
        """Clients are told apart by their slugs, so “acme” is Acme; a hand-made slug is found by its name."""
        if self._client is None and self.client:
            here = Client.objects.filter(slug=slug_of(self.client)).first()
            self._client = here or Client.objects.filter(name__iexact=self.client).first()
        return self._client

    def _owning_team(self) -> Team:
        """Every service has an owning team; history names none, so one of the client's name stands there."""
        if self._owner is None:
            name = self.client or "Imported"
            slug = slug_of(name)
            here = self.teams.get(slug) or Team.objects.filter(slug=slug).first()
            self._owner = self.teams[slug] = here or self._make_team(Named(slug, name))
        return self._owner
