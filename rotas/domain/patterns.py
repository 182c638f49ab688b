"""Patterns as they are planned: layers as plain values before they are rows, read and written whole.

A pattern holds from an instant on. What was before stays as it was: layers of a pattern that has begun are not changed,
another pattern follows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import available_timezones

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import Site, User
from core.errors import IllegalState, Invalid
from core.types import Actor
from core.zones import to_local, to_utc
from rotas import types
from rotas.choices import Turns, Unit
from rotas.domain.covering import touch
from rotas.models import Layer, LayerMember, LayerWindow, Rota, RotaVersion
from rotas.rules import can_be_on_call

MOST_LAYERS: Final = 20
MOST_TURNS: Final = 100
# A pattern begins at the earliest so long ago: somebody types the minute that has just passed.
GRACE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """Weekdays (0 Monday) with a wall-clock start and end; an end at or before the start lies on the next day."""

    weekdays: tuple[int, ...]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """A layer that is not stored. `anchor` is a wall-clock time in `zone`; `turns` holds the people's keys of each turn, none
    for a turn of nobody."""

    name: str
    zone: str
    anchor: datetime
    turns: tuple[tuple[int, ...], ...]
    site_id: int | None = None
    priority: int = 0
    unit: str = Unit.WEEKLY
    length: int = 1
    counted: str = Turns.ANCHOR
    count_closed: bool = False
    every_other: bool = False
    windows: tuple[PlannedWindow, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def pattern_at(rota: Rota, at: datetime) -> list[PlannedLayer]:
    """The layers that hold at an instant, as they are stored. Four queries."""
    versions = [each for each in rota.versions.filter(undone_at__isnull=True) if each.starts_at <= at]
    layers = Layer.objects.filter(rota=rota, version=versions[-1] if versions else None)
    return [_planned(layer) for layer in layers.prefetch_related("members", "windows")]


def as_types(layers: Sequence[PlannedLayer], starts: datetime | None = None) -> tuple[types.Layer, ...]:
    """The layers as the coverage engine reads them, valid from `starts` on; their keys are their places, from -1 down.

    Raises Invalid as `check` does.
    """
    check(layers)
    return tuple(
        types.Layer(
            key=-number,
            priority=layer.priority,
            zone=layer.zone,
            unit=layer.unit,  # type: ignore[arg-type]
            length=layer.length,
            anchor=layer.anchor,
            turns=layer.counted,  # type: ignore[arg-type]
            groups=tuple(
                group for turn in layer.turns for group in ((turn, ()) if layer.every_other else (turn,))
            ),
            windows=tuple(
                types.Window(frozenset(each.weekdays), each.start, each.end) for each in layer.windows
            ),
            starts=max(filter(None, (layer.starts_at, starts)), default=None),
            ends=layer.ends_at,
            count_closed=layer.count_closed,
        )
        for number, layer in enumerate(layers, start=1)
    )


def check(layers: Sequence[PlannedLayer]) -> None:
    """Whether the layers make sense. Raises Invalid; `fields` names the layer's place (from 0) and field: "0.zone"."""
    faults: dict[str, str] = {}
    if not layers:
        faults["layers"] = "A pattern has at least one layer."
    if len(layers) > MOST_LAYERS:
        faults["layers"] = f"At most {MOST_LAYERS} layers."
    people = User.objects.select_related("site").in_bulk(
        {key for each in layers for turn in each.turns for key in turn}
    )
    for number, layer in enumerate(layers):
        faults.update({f"{number}.{name}": words for name, words in _faults(layer, people).items()})
    if faults:
        raise Invalid(" ".join(dict.fromkeys(faults.values())), fields=faults)


@transaction.atomic
def begin_pattern(
    rota: Rota,
    layers: Sequence[PlannedLayer],
    *,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> RotaVersion:
    """From `starts_at` on these layers are the pattern of the rota. Raises Invalid, also for a start in the past, and
    IllegalState where another pattern begins at that very instant."""
    check(layers)
    if starts_at < now - GRACE:
        raise Invalid(
            "A pattern begins now or later: what was, stays.", fields={"starts_at": "This is past."}
        )
    starts_at = max(starts_at, now)
    Rota.objects.select_for_update(no_key=True).get(pk=rota.pk)
    if rota.versions.filter(starts_at=starts_at, undone_at__isnull=True).exists():
        raise IllegalState(
            "Another pattern begins at that very time. Undo it first, or choose another time.",
            code="pattern_there",
        )
    version = RotaVersion.objects.create(
        rota=rota,
        starts_at=starts_at,
        note=note.strip()[:160],
        created_by=actor.user if isinstance(actor.user, User) else None,
        created_at=now,
    )
    _write(rota, version, layers)
    _record("rota.pattern_begun", version, actor, now, layers=[layer.name for layer in layers])
    touch([rota.pk], starts_at, now)
    return version


@transaction.atomic
def undo_pattern(version: RotaVersion, *, actor: Actor, now: datetime) -> RotaVersion | None:
    """Take a pattern back. One to come is gone (None); one that holds ends now: the pattern before it follows, as a new one,
    which is returned. Raises IllegalState for one that was undone, or that another one has followed."""
    rota = Rota.objects.select_for_update(no_key=True).get(pk=version.rota_id)
    found = RotaVersion.objects.get(pk=version.pk)
    if found.undone_at is not None:
        raise IllegalState("This pattern was taken back already.", code="pattern_undone")
    if found.starts_at > now:
        found.undone_at = now
        found.save(update_fields=["undone_at"])
        _record("rota.pattern_undone", found, actor, now)
        touch([rota.pk], found.starts_at, now)
        return None
    later = rota.versions.filter(undone_at__isnull=True, starts_at__gt=found.starts_at, starts_at__lte=now)
    if later.exists():
        raise IllegalState("Another pattern has followed it. What was, stays.", code="pattern_over")
    before = pattern_at(rota, found.starts_at - timedelta(microseconds=1))
    if not before:
        raise IllegalState(
            "There is no pattern before it to go back to. Plan the one that should hold.",
            code="pattern_first",
        )
    _record("rota.pattern_undone", found, actor, now)
    kept = [replace(layer, turns=_still(layer.turns)) for layer in before]
    return begin_pattern(
        rota,
        kept,
        starts_at=now,
        actor=actor,
        now=now,
        note=f"Back to what was before {found.starts_at:%Y-%m-%d}",
    )


def _still(turns: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """The turns with those who can be on call only; a turn keeps its place."""
    keys = {key for turn in turns for key in turn}
    there = {user.pk for user in User.objects.filter(pk__in=keys) if can_be_on_call(user)}
    return tuple(tuple(key for key in turn if key in there) for turn in turns)


def _planned(layer: Layer) -> PlannedLayer:
    turns = groupby(layer.members.all(), key=lambda member: member.turn)
    return PlannedLayer(
        name=layer.name,
        zone=layer.zone,
        anchor=to_local(layer.anchor, layer.zone).replace(tzinfo=None),
        turns=tuple(
            tuple(member.user_id for member in turn if member.user_id is not None) for _, turn in turns
        ),
        site_id=layer.site_id,
        priority=layer.priority,
        unit=layer.unit,
        length=layer.length,
        counted=layer.turns,
        count_closed=layer.count_closed,
        every_other=layer.every_other,
        windows=tuple(
            PlannedWindow(tuple(sorted(each.weekdays)), each.start, each.end) for each in layer.windows.all()
        ),
        starts_at=layer.starts_at,
        ends_at=layer.ends_at,
    )


def _write(rota: Rota, version: RotaVersion, layers: Iterable[PlannedLayer]) -> None:
    made = [
        Layer.objects.create(
            rota=rota,
            version=version,
            name=layer.name[:80],
            site_id=layer.site_id,
            priority=layer.priority,
            zone=layer.zone,
            unit=layer.unit,
            length=layer.length,
            anchor=to_utc(layer.anchor, layer.zone),
            turns=layer.counted,
            count_closed=layer.count_closed,
            every_other=layer.every_other,
            starts_at=layer.starts_at,
            ends_at=layer.ends_at,
        )
        for layer in layers
    ]
    LayerMember.objects.bulk_create(
        LayerMember(layer=row, user_id=person, turn=number)
        for row, layer in zip(made, layers, strict=True)
        for number, turn in enumerate(layer.turns)
        for person in (turn or (None,))
    )
    LayerWindow.objects.bulk_create(
        LayerWindow(layer=row, weekdays=list(each.weekdays), start=each.start, end=each.end)
        for row, layer in zip(made, layers, strict=True)
        for each in layer.windows
    )


def _faults(layer: PlannedLayer, people: Mapping[int, User]) -> dict[str, str]:
    faults: dict[str, str] = {}
    what = f"Layer “{layer.name}”" if layer.name.strip() else "A layer"
    if not layer.name.strip():
        faults["name"] = "Give the layer a name."
    faults.update(_time_faults(what, layer))
    if layer.zone not in available_timezones():
        faults["zone"] = f"{what}: {layer.zone} is not an IANA time zone, such as Africa/Nairobi."
    if not layer.turns or not any(layer.turns):
        faults["turns"] = f"{what} names nobody: list at least one person."
    elif len(layer.turns) > MOST_TURNS:
        faults["turns"] = f"{what}: at most {MOST_TURNS} turns."
    else:
        faults.update(_people_faults(what, layer, people))
    if layer.site_id is not None and not Site.objects.filter(pk=layer.site_id).exists():
        faults["site"] = f"{what}: choose one of the sites."
    return faults


def _time_faults(what: str, layer: PlannedLayer) -> dict[str, str]:
    faults: dict[str, str] = {}
    if layer.unit not in Unit.values or layer.counted not in Turns.values:
        faults["unit"] = f"{what}: turns are counted in hours, days, weeks or months."
    if not 1 <= layer.length <= 366:
        faults["length"] = f"{what}: a turn lasts from 1 to 366 units."
    if layer.anchor.tzinfo is not None or not 1970 < layer.anchor.year < 2200:
        faults["anchor"] = (
            f"{what}: its first hand-over is a wall-clock time of this century, without a zone."
        )
    for window in layer.windows:
        if not window.weekdays or not set(window.weekdays) <= set(range(7)):
            faults["windows"] = f"{what}: choose the weekdays on which it is on."
    if layer.starts_at is not None and layer.ends_at is not None and layer.ends_at <= layer.starts_at:
        faults["ends_at"] = f"{what} ends before it starts."
    return faults


def _people_faults(what: str, layer: PlannedLayer, people: Mapping[int, User]) -> dict[str, str]:
    for number, turn in enumerate(layer.turns, start=1):
        if len(set(turn)) < len(turn):
            return {"turns": f"{what}: turn {number} names somebody twice."}
        for key in turn:
            if key not in people or not can_be_on_call(people[key]):
                who = people.get(key, "somebody")
                return {"turns": f"{what}: {who} can't be on call, only active people of support can."}
    return {}


def _record(action: str, version: RotaVersion, actor: Actor, now: datetime, **detail: object) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="rota",
        subject_id=version.rota_id,
        subject_name=version.rota.name,
        detail={
            "pattern": version.pk,
            "starts_at": version.starts_at.isoformat(),
            "note": version.note,
            **detail,
        },
    )
