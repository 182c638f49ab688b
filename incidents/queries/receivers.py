"""Who hears that work was handed to a party, and who may answer for it."""

from datetime import datetime
from typing import Any

from accounts.models import Team, User
from accounts.rules import is_support
from rotas.queries.oncall import active_rotas, on_call_of
from services.choices import Party
from services.models import Service

MOST = 10
_INSIDE = {Party.L1, Party.L2}


def receivers(service: Service, party: str, team: Team | None, now: datetime) -> list[User]:
    """The people on call of the party's team, else its lead, else its members; the client's own people for the client.

    People of a team outside support hear of it only where the team is party to the service: nobody else may see it.
    """
    if party == Party.CLIENT:
        members = User.objects.filter(client_memberships__client=service.client_id, is_active=True)
        return list(members.order_by("pk")[:MOST]) if service.client_id else []
    if team is None:
        return []
    called = on_call_of(list(active_rotas().filter(team=team)), now)
    people = list({user.pk: user for users in called.values() for user in users}.values())
    if people:
        return people[:MOST]
    if party not in _INSIDE and not service.parties.filter(pk=team.pk).exists():
        return []
    if team.lead is not None and team.lead.is_active:
        return [team.lead]
    return list(team.members.filter(is_active=True).order_by("pk")[:MOST])


def may_answer(user: Any, service: Service, party: str, team_id: int | None) -> bool:
    """Whether this person may take over or give back work that was handed to the party: support, for whom a partner may
    have said so on the phone, and the party's own people."""
    if is_support(user):
        return True
    if party == Party.CLIENT:
        return bool(service.client_id and user.client_memberships.filter(client=service.client_id).exists())
    if team_id is not None:
        return bool(user.memberships.filter(team=team_id).exists())
    return service.parties.filter(kind=party, memberships__user=user).exists()
