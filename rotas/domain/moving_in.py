"""Rotas of other tools become rotas here: first looked at, then written, each whole or not at all; again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Team, User
from core.crypto import digest
from core.errors import Invalid
from core.types import Actor
from core.zones import to_local, to_utc
from rotas.choices import Level
from rotas.domain.exports.shape import Found
from rotas.domain.overrides import LONGEST
from rotas.domain.patterns import PlannedLayer, begin_pattern, check, pattern_at
from rotas.domain.rotas import RESERVED, begin_rota
from rotas.domain.shift_import import ReadShift, new_of, stretches_of, take_shifts
from rotas.models import Rota
from rotas.queries.preview import Preview, preview

AHEAD: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A rota of an export beside what is here: `rota` is the one of the same slug, `same` whether its pattern is what the
    export says, `change` what the export's would change in ninety days (None: nothing to compare with, or nothing to do).

    `shifts` are its single events to come, `new_overrides` how many overrides they need that aren't there.
    """

    found: Found
    slug: str
    rota: Rota | None
    same: bool
    change: Preview | None
    shifts: tuple[ReadShift, ...]
    new_overrides: int

    @property
    def is_empty(self) -> bool:
        """Whether no layer of it is left: nobody of it is known here, or all of it is over."""
        return not self.found.layers

    @property
    def is_done(self) -> bool:
        """Whether writing it would change nothing."""
        return self.is_empty or (self.same and not self.new_overrides)


def look(found: Sequence[Found], people: Sequence[User], now: datetime) -> list[Arrival]:
    """What each would be here; nothing is written. Raises Invalid where layers make no sense, and for two of one name."""
    arrivals = [_look(each, {user.pk: user for user in people}, now) for each in found]
    slugs = [each.slug for each in arrivals]
    for arrival in arrivals:
        if slugs.count(arrival.slug) > 1:
            raise Invalid(
                f"Two schedules are called {arrival.found.name}. Rename one of them, and export again."
            )
    return arrivals


@transaction.atomic
def move_in(arrival: Arrival, *, team: Team | None, actor: Actor, now: datetime) -> bool:
    """Make the rota, or begin its pattern now where it is here already, with its single events as overrides. Whether anything
    was written. Raises Invalid for a new rota without a team."""
    if arrival.is_done:
        return False
    rota = arrival.rota
    if rota is None:
        if team is None:
            raise Invalid(f"Say whose rota {arrival.found.name} is, by --team.")
        level = team.kind if team.kind in Level.values else Level.L1
        made = Rota(
            slug=arrival.slug, name=arrival.found.name[:120], team=team, level=level, zone=arrival.found.zone
        )
        rota = begin_rota(made, actor=actor, now=now)
    if not arrival.same:
        begin_pattern(rota, arrival.found.layers, starts_at=now, actor=actor, now=now, note="Imported")
    take_shifts(rota, arrival.shifts, actor=actor, now=now, reason="Imported")
    return True


def _look(found: Found, people: dict[int, User], now: datetime) -> Arrival:
    slug = slug_of(found.name)
    rota = Rota.objects.select_related("team").filter(slug=slug).first()
    shifts, notes = _shifts(found, people, now)
    living = _living(found.layers, now)
    notes += [
        f"{layer.name}: it is over, so it is left out." for layer in found.layers if layer not in living
    ]
    found = replace(found, layers=tuple(living), notes=(*found.notes, *notes))
    if not found.layers:
        return Arrival(found, slug, rota, False, None, (), 0)
    check(found.layers)
    same = rota is not None and _plain(_living(pattern_at(rota, now), now)) == _plain(found.layers)
    change = preview(rota, found.layers, now, now) if rota is not None and not same else None
    count = len(new_of(rota, shifts, now)) if rota is not None else sum(len(each.people) for each in shifts)
    return Arrival(found, slug, rota, same, change, shifts, count)


def slug_of(name: str) -> str:
    """The address of a rota of that name: always the same, and never that of a page."""
    slug = slugify(name)[:40].strip("-")
    if not slug:
        return f"rota-{digest(name)[:8]}"
    return f"{slug}-rota" if slug in RESERVED else slug


def _shifts(found: Found, people: dict[int, User], now: datetime) -> tuple[tuple[ReadShift, ...], list[str]]:
    """The single events that are still to come, laid side by side, and what is said of those that can't be."""
    notes, events = [], []
    for each in found.overrides:
        if each.end <= now or each.start >= now + AHEAD or each.end <= each.start or not each.people:
            continue
        if each.end - each.start > LONGEST:
            notes.append(
                f"A single event from {each.start:%Y-%m-%d} lasts longer than a year, so it is left out."
            )
            continue
        events += [(each.start, each.end, key) for key in each.people]
    shifts = tuple(
        ReadShift(start, end, tuple(people[key] for key in keys)) for start, end, keys in stretches_of(events)
    )
    return tuple(shift for shift in shifts if shift.end > now), notes


def _living(layers: Sequence[PlannedLayer], now: datetime) -> list[PlannedLayer]:
    """Those that are not over: tools keep all that ever were."""
    return [layer for layer in layers if layer.ends_at is None or layer.ends_at > now]


def _plain(layers: Sequence[PlannedLayer]) -> list[PlannedLayer]:
    """Layers as they are once stored and read again."""
    stored = [
        replace(
            layer,
            anchor=to_local(to_utc(layer.anchor, layer.zone), layer.zone),
            windows=tuple(sorted(layer.windows, key=lambda each: (each.start, each.end, each.weekdays))),
        )
        for layer in layers
    ]
    return sorted(stored, key=lambda layer: -layer.priority)
