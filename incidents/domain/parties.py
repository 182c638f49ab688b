"""Who holds the work, from when to when."""

from datetime import datetime

from accounts.models import Team, User
from incidents.domain import handed, underpinning
from incidents.models import Incident, Participant, PartyInterval
from services.choices import Party

_KINDS = {party.value for party in Party}


def hand_to(
    incident: Incident, party: str, *, team: Team | None, now: datetime, bounced: bool = False
) -> bool:
    """Close the present interval and open one for `party`. False when it already holds the work.

    What the parties promised for their part begins and ends with it; `bounced` says that it came back as not theirs.
    """
    current = incident.party_intervals.filter(ends_at__isnull=True).first()
    if (
        current is not None
        and current.party == party
        and current.team_id == (team.pk if team else current.team_id)
    ):
        return False
    if current is not None:
        current.ends_at = max(now, current.starts_at)
        current.save(update_fields=["ends_at"])
    PartyInterval.objects.create(incident=incident, party=party, team=team, starts_at=now)
    incident.party = party
    underpinning.handed_on(
        incident, before=current.party if current else "", team=team, now=now, bounced=bounced
    )
    return True


def end(incident: Incident, *, now: datetime) -> None:
    """Nobody holds ended work."""
    for interval in incident.party_intervals.filter(ends_at__isnull=True):
        interval.ends_at = max(now, interval.starts_at)
        interval.save(update_fields=["ends_at"])
    handed.end(incident, now=now)


def before_hold(incident: Incident) -> tuple[str, Team | None]:
    """Who held the work before the present hold: the last own party, else L1."""
    last = (
        incident.party_intervals.exclude(party=incident.hold_party or Party.CLIENT)
        .select_related("team")
        .order_by("-starts_at", "-pk")
        .first()
    )
    return (last.party, last.team) if last else (Party.L1, incident.service.owning_team)


def party_of_team(team: Team) -> str:
    """The party a team stands for."""
    return team.kind if team.kind in _KINDS else Party.L1


def party_of_person(user: User) -> tuple[str, Team] | None:
    """The party of a person's first team (L1 before L2 before others), or None for people without one."""
    teams = sorted(
        user.teams.all(), key=lambda team: list(_ORDER).index(team.kind) if team.kind in _ORDER else 9
    )
    return (party_of_team(teams[0]), teams[0]) if teams else None


_ORDER = ("l1", "l2", "engineering", "platform_ops", "partner")


def join(incident: Incident, user: User, role: str, *, now: datetime) -> None:
    """Take part in the incident; a watcher who acts becomes a responder, never the other way round."""
    participant, made = Participant.objects.get_or_create(
        incident=incident, user=user, defaults={"role": role, "joined_at": now}
    )
    if not made and participant.role == "watcher" and role == "responder":
        participant.role = role
        participant.save(update_fields=["role"])
