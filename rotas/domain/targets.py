"""Whom steps call at an instant: targets become people."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import Team, User
from notifications.choices import ContactState
from notifications.models import ContactPoint
from rotas.choices import ShadowKind, TargetKind
from rotas.domain.terms import Step, Target
from rotas.models import Rota, Shadow
from rotas.queries.oncall import following_of, on_call_of
from rotas.queries.working import works_now
from rotas.rules import can_be_on_call

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody in training on a rota (its name) at this instant, beside the people on call of it (`of`, their keys).

    `leads`: a reverse shadow, who is called as well; else they only hear of it.
    """

    user: User
    rota: str
    leads: bool
    of: frozenset[int]

    @property
    def why(self) -> str:
        """The reason, in words."""
        return f"in training on {self.rota}" + (", leading" if self.leads else "")


@dataclass(slots=True)
class Found:
    """People to call with the reason for each, in order, and a sentence for each target that gave nobody.

    `beside` are people in training: nobody depends on them, so they make no step find somebody.
    """

    people: dict[int, tuple[User, str]] = field(default_factory=dict)
    contacts: dict[int, ContactPoint] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    wants_people: bool = False
    beside: list[Beside] = field(default_factory=list)

    @property
    def trainees(self) -> list[Beside]:
        """Who leads in training and is called as well, each once; not who is called anyway."""
        found = {each.user.pk: each for each in reversed(self.beside) if each.leads}
        return [found[key] for key in sorted(found.keys() - self.people.keys())]

    @property
    def watchers(self) -> list[Beside]:
        """Who only watches along, each once; not who is called."""
        called = {*self.people, *(each.user.pk for each in self.trainees)}
        found = {each.user.pk: each for each in reversed(self.beside) if not each.leads}
        return [found[key] for key in sorted(found.keys() - called)]

    @property
    def is_somebody(self) -> bool:
        """Whether whoever was wanted is called: a person; a channel only where the step names nothing else."""
        return bool(self.people) or (bool(self.contacts) and not self.wants_people)

    def keep_one(self, turn: int) -> None:
        """Only the one whose turn it is; channels stay."""
        if self.people:
            key = list(self.people)[turn % len(self.people)]
            self.people = {key: self.people[key]}
            self.beside = [each for each in self.beside if key in each.of]

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

    now: datetime
    rotas: Mapping[int, Rota]
    on_call: Mapping[int, list[User]]
    next_up: Mapping[int, list[User]]
    people: Mapping[int, User]
    teams: Mapping[int, Team]
    contacts: Mapping[int, ContactPoint]

    @classmethod
    def of(cls, steps: Sequence[Step], now: datetime, *, owners: Collection[int | None] = ()) -> "Finder":
        """Read what these steps name, and who owns what they are about. As many queries for many steps as for one."""
        rotas = _with_shadows(now).filter(is_active=True).in_bulk(_keys(steps, "rota_id"))
        later = _keys(steps, "rota_id", TargetKind.NEXT_ON_CALL)
        owned = _names(steps, TargetKind.OWNER)
        people = _keys(steps, "user_id") | {key for key in owners if owned and key is not None}
        people |= {row["user"] for rota in rotas.values() for row in _shadows_of(rota)}
        members = any(_names(steps, kind) for kind in (TargetKind.TEAM, TargetKind.WORKING))
        teams = Team.objects.select_related("lead")
        contacts = _keys(steps, "contact_id")
        return cls(
            now,
            rotas,
            _each(on_call_of, rotas.values(), now),
            _each(following_of, [rota for rota in rotas.values() if rota.pk in later], now),
            User.objects.select_related("site").in_bulk(people),
            (teams.prefetch_related("members__site") if members else teams).in_bulk(_keys(steps, "team_id")),
            ContactPoint.objects.select_related("user").in_bulk(contacts) if contacts else {},
        )

    def resolve(self, step: Step, owner_id: int | None = None) -> Found:
        """The people of one of the steps. What is gone or inactive, or can't be on call any more, gives nobody, and says so."""
        found = Found()
        for target in step.targets:
            self._add(found, target, owner_id)
        if not step.targets:
            found.missing.append("the step names nobody")
        return found

    def _add(self, found: Found, target: Target, owner_id: int | None) -> None:
        found.wants_people = found.wants_people or target.kind != TargetKind.CONTACT
        if target.kind == TargetKind.ON_CALL:
            _rota(found, target, self.rotas, self.on_call)
            self._add_beside(found, target)
        elif target.kind == TargetKind.NEXT_ON_CALL:
            _next_of(found, target, self.rotas, self.next_up)
        elif target.kind == TargetKind.TEAM_LEAD:
            _team(found, target, self.teams)
        elif target.kind in {TargetKind.TEAM, TargetKind.WORKING}:
            _members(found, target, self.teams, self.now)
        elif target.kind == TargetKind.OWNER:
            owner = self.people.get(owner_id or 0)
            found.add(
                [owner] if owner else [],
                "owns it",
                "nobody owns it yet" if owner is None else f"{owner} can't be called",
            )
        elif target.kind == TargetKind.CONTACT:
            _contact(found, target, self.contacts)
        else:
            _person(found, target, self.people)

    def _add_beside(self, found: Found, target: Target) -> None:
        """Who is in training on the rota now."""
        rota = self.rotas.get(target.rota_id or 0)
        if rota is None:
            return
        of = frozenset(user.pk for user in self.on_call.get(rota.pk, ()))
        for row in _shadows_of(rota):
            user = self.people.get(row["user"])
            if user is not None and can_be_on_call(user):
                found.beside.append(Beside(user, rota.name, row["kind"] == ShadowKind.REVERSE, of))


def _with_shadows(now: datetime) -> QuerySet[Rota]:
    """Rotas with who is in training on each at this instant, in the same query."""
    shadows = Shadow.objects.filter(rota=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now).order_by("pk")
    row = JSONObject(user="user_id", kind="kind")
    return Rota.objects.annotate(shadows_read=ArraySubquery(shadows.values(row=row)))


def _shadows_of(rota: Rota) -> Sequence[Mapping[str, Any]]:
    return rota.shadows_read  # type: ignore[attr-defined, no-any-return]


_Read = Callable[[Collection[Rota], datetime], dict[int, list[User]]]


def _each(read: _Read, rotas: Collection[Rota], now: datetime) -> dict[int, list[User]]:
    """Who is on call by rota, read for all at once. One that can't be worked out is left out and spoils none of the others."""
    if not rotas:
        return {}
    try:
        with transaction.atomic():
            return read(rotas, now)
    except Exception:
        if len(rotas) == 1:
            log.exception("who is on call of rota %s can't be worked out", next(iter(rotas)).pk)
            return {}
    return {key: users for rota in rotas for key, users in _each(read, [rota], now).items()}


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
    why = f"chosen by {target.chosen_by}" if target.chosen_by else "named in the policy"
    found.add([user] if user else [], why, f"{user or 'the person named'} {gone}")


def _next_of(
    found: Found, target: Target, rotas: Mapping[int, Rota], following: Mapping[int, list[User]]
) -> None:
    rota = rotas.get(target.rota_id or 0)
    if rota is None:
        found.missing.append(f"the rota {target.rota_name} is not in use any more")
    else:
        found.add(
            following.get(rota.pk, []), f"next on call of {rota.name}", f"nobody follows on {rota.name}"
        )


def _members(found: Found, target: Target, teams: Mapping[int, Team], now: datetime) -> None:
    team = teams.get(target.team_id or 0)
    if team is None:
        found.missing.append(f"the team {target.team_name} is not there any more")
    elif target.kind == TargetKind.TEAM:
        found.add(team.members.all(), f"of {team.name}", f"nobody of {team.name} can be called")
    else:
        here = [user for user in team.members.all() if works_now(user, now)]
        found.add(here, f"of {team.name}, in working hours", f"nobody of {team.name} is in working hours")


def _contact(found: Found, target: Target, contacts: Mapping[int, ContactPoint]) -> None:
    contact = contacts.get(target.contact_id or 0)
    if contact is None:
        found.missing.append("the channel is not there any more")
    elif contact.state != ContactState.VERIFIED or not contact.user.is_active:
        found.missing.append(f"the channel {contact} is switched off")
    else:
        found.contacts[contact.pk] = contact


def _keys(steps: Sequence[Step], name: str, kind: str = "") -> set[int]:
    targets = (target for step in steps for target in step.targets if not kind or target.kind == kind)
    return {key for target in targets if (key := getattr(target, name)) is not None}


def _names(steps: Sequence[Step], kind: str) -> bool:
    return any(target.kind == kind for step in steps for target in step.targets)
