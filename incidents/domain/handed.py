"""The hand-off that stands: given to another party, and waiting to be taken over or taken over already."""

from datetime import datetime

from django.db.models import Value
from django.db.models.functions import Greatest

from accounts.models import User
from incidents.domain import underpinning
from incidents.models import HandOff, Incident


def standing(incident: Incident) -> HandOff | None:
    """The newest hand-off that has not ended: one that waits, or else the last one taken over. One query."""
    return (
        incident.hand_offs.filter(ended_at__isnull=True)
        .select_related("from_team", "to_team__lead", "by")
        .order_by("-at", "-pk")
        .first()
    )


def end(incident: Incident, *, now: datetime) -> None:
    """The incident is over: nobody waits for work any more."""
    incident.hand_offs.filter(ended_at__isnull=True).update(ended_at=Greatest("at", Value(now)))


def begun_by(incident: Incident, user: User, *, now: datetime) -> None:
    """Somebody begins to work: where it waits for their party, that is taking it over. Where the work is with somebody
    else by now, nobody waits any more."""
    found = standing(incident)
    if found is None or not found.waits:
        return
    if is_of(user, found):
        accept(incident, found, user, now=now)
    elif incident.party != found.to_party:
        found.ended_at = max(now, found.at)
        found.save(update_fields=["ended_at"])


def is_of(user: User, hand_off: HandOff) -> bool:
    """Whether the person belongs to the team that the work was handed to, or to a team of that kind where none was named."""
    teams = user.teams.all()
    if hand_off.to_team_id is not None:
        return any(team.pk == hand_off.to_team_id for team in teams)
    return any(team.kind == hand_off.to_party for team in teams)


def accept(incident: Incident, hand_off: HandOff, user: User | None, *, now: datetime) -> None:
    """It is theirs now, and what they promised of answering is kept."""
    hand_off.accepted_at, hand_off.accepted_by = max(now, hand_off.at), user
    hand_off.save(update_fields=["accepted_at", "accepted_by"])
    underpinning.accepted(incident, now=now)
