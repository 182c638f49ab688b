"""Whom steps call at an instant: targets become people."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.models import Team, User
from rotas.choices import TargetKind
from rotas.domain.terms import Step, Target
from rotas.models import Rota
from rotas.queries.oncall import on_call_of
from rotas.rules import can_be_on_call

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Found:
    """People to call with the reason for each, in order, and a sentence for each target that gave nobody."""

    people: dict[int, tuple[User, str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def add(self, users: Iterable[User], why: str, otherwise: str) -> None:
        """Take those who can be called; the first reason for a person stays."""
        there = [user for user in users if can_be_on_call(user)]
        for user in there:
            self.people.setdefault(user.pk, (user, why))
        if not there:
            self.missing.append(otherwise)


@dataclass(frozen=True, slots=True)
class Finder:
    """Whom steps name, read for all of them at once, as of one instant."""

    rotas: Mapping[int, Rota]
    on_call: Mapping[int, list[User]]
    people: Mapping[int, User]
    teams: Mapping[int, Team]

    @classmethod
    def of(cls, steps: Sequence[Step], now: datetime) -> "Finder":
        """Read what these steps name. As many queries for many steps as for one."""
        rotas = Rota.objects.filter(is_active=True).in_bulk(_keys(steps, "rota_id"))
        return cls(
            rotas,
            _on_call(rotas.values(), now),
            User.objects.in_bulk(_keys(steps, "user_id")),
            Team.objects.select_related("lead").in_bulk(_keys(steps, "team_id")),
        )

    def resolve(self, step: Step) -> Found:
        """The people of one of the steps. What is gone or inactive, or can't be on call any more, gives nobody, and says so."""
        found = Found()
        for target in step.targets:
            if target.kind == TargetKind.ON_CALL:
                _rota(found, target, self.rotas, self.on_call)
            elif target.kind == TargetKind.TEAM_LEAD:
                _team(found, target, self.teams)
            else:
                _person(found, target, self.people)
        if not step.targets:
            found.missing.append("the step names nobody")
        return found


def _on_call(rotas: Collection[Rota], now: datetime) -> dict[int, list[User]]:
    """Who is on call by rota. One that can't be worked out is left out and spoils none of the others."""
    if not rotas:
        return {}
    try:
        with transaction.atomic():
            return on_call_of(rotas, now)
    except Exception:
        if len(rotas) == 1:
            log.exception("who is on call of rota %s can't be worked out", next(iter(rotas)).pk)
            return {}
    return {key: users for rota in rotas for key, users in _on_call([rota], now).items()}


def _rota(found: Found, target: Target, rotas: Mapping[int, Rota], on_call: Mapping[int, list[User]]) -> None:
    rota = rotas.get(target.rota_id or 0)
    if rota is None:
        found.missing.append(f"the rota {target.rota_name} is not in use any more")
    elif rota.pk not in on_call:
        found.missing.append(f"who is on call of {rota.name} can't be worked out")
    else:
        found.add(on_call[rota.pk], f"on call of {rota.name}", f"nobody is on call of {rota.name}")


def _team(found: Found, target: Target, teams: Mapping[int, Team]) -> None:
    team = teams.get(target.team_id or 0)
    name = team.name if team else target.team_name
    lead = team.lead if team else None
    otherwise = f"{name} has no active lead" if team else f"the team {name} is not there any more"
    found.add([lead] if lead else [], f"lead of {name}", otherwise)


def _person(found: Found, target: Target, people: Mapping[int, User]) -> None:
    user = people.get(target.user_id or 0)
    gone = "can't be on call any more" if user is not None and user.is_active else "is not active any more"
    found.add([user] if user else [], "named in the policy", f"{user or 'the person named'} {gone}")


def _keys(steps: Sequence[Step], name: str) -> set[int]:
    targets = (target for step in steps for target in step.targets)
    return {key for target in targets if (key := getattr(target, name)) is not None}
