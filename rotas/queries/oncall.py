"""Who is on call: rows of rotas, layers and overrides become plain values, the coverage engine decides.

Who is deactivated, or has left the support organisation, is on nobody's call list: their turns are free, so that a
lower layer may fill them, and an override that would bring them in has no effect. Reading n rotas takes the same number of queries
as reading one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.db.models.functions import JSONObject

from accounts.models import User
from core.zones import to_local
from rotas import models, types
from rotas.domain.coverage import coverage
from rotas.rules import can_be_on_call

# How far around an instant the present shift and the next one are looked for.
BACK = timedelta(days=8)
AHEAD = timedelta(days=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """One rota as the coverage engine reads it, with the overrides of a window and the people named in it."""

    rota: models.Rota
    layers: tuple[types.Layer, ...]
    overrides: tuple[types.Override, ...]
    people: dict[int, User]

    def shifts(self, start: datetime, end: datetime) -> list[types.Shift]:
        """The final schedule of `[start, end)`; a retired rota has nobody."""
        return coverage(self.layers, self.overrides, start, end)

    def users(self, ids: Iterable[int]) -> list[User]:
        """The people behind keys, in the same order."""
        return [self.people[key] for key in ids]


@dataclass(frozen=True, slots=True)
class Cover:
    """From `start` to `end` (UTC, half-open) these people are on call; none is a gap."""

    start: datetime
    end: datetime
    users: tuple[User, ...]
    layer_id: int | None
    override_id: int | None


@dataclass(frozen=True, slots=True)
class OnCallNow:
    """A rota at an instant: who is on call since when, until when, and who follows.

    `until` is None where nothing changes within `AHEAD`; `since` reaches back `BACK` at most.
    """

    rota: models.Rota
    users: tuple[User, ...]
    since: datetime
    until: datetime | None
    next_users: tuple[User, ...]
    layer_id: int | None
    override_id: int | None


def active_rotas() -> QuerySet[models.Rota]:
    """The rotas in use, with team."""
    return models.Rota.objects.filter(is_active=True).select_related("team")


def plans(
    rotas: Iterable[models.Rota], start: datetime, end: datetime, *, with_inactive: bool = False
) -> list[Plan]:
    """Plans of rotas with the overrides that touch `[start, end)`: four queries, however many rotas.

    `with_inactive` keeps people who can't be on call any more, to draw what was.
    """
    found = list(rotas)
    _prefetch(found, start, end)
    return [read_plan(rota, with_inactive=with_inactive) for rota in found]


def layers_of(rota: models.Rota) -> tuple[types.Layer, ...]:
    """The layers of one rota as plain values, with those who can be on call only."""
    return plans([rota], EPOCH, EPOCH)[0].layers


def on_call(rota: models.Rota, at: datetime) -> list[User]:
    """Who is on call of a rota at an instant, in the order of calling."""
    plan = plans([rota], at, at + timedelta(seconds=1))[0]
    return plan.users(plan.shifts(at, at + timedelta(seconds=1))[0].people)


def on_call_of(rotas: Iterable[models.Rota], at: datetime) -> dict[int, list[User]]:
    """`on_call` for many rotas at once, by the rota's key."""
    end = at + timedelta(seconds=1)
    return {plan.rota.pk: plan.users(plan.shifts(at, end)[0].people) for plan in plans(rotas, at, end)}


def final(rota: models.Rota, start: datetime, end: datetime) -> list[Cover]:
    """The final schedule of `[start, end)`, tiled without gap or overlap; nobody is said as no users."""
    plan = plans([rota], start, end)[0]
    return covers(plan, start, end)


def covers_as_was(rota: models.Rota, start: datetime, end: datetime, now: datetime) -> list[Cover]:
    """The final schedule of a rota that `plans` has read; up to `now` with people who are deactivated today."""
    edge = min(max(start, now), end)
    past, coming = (
        covers(read_plan(rota, with_inactive=True), start, edge),
        covers(read_plan(rota), edge, end),
    )
    if past and coming and replace(past[-1], end=coming[0].end) == replace(coming[0], start=past[-1].start):
        # the present moment cuts nothing in two
        coming[0] = replace(coming[0], start=past.pop().start)
    return [*past, *coming]


def covers(plan: Plan, start: datetime, end: datetime) -> list[Cover]:
    """The final schedule of a plan with its people; neighbours that differ in nothing shown are one."""
    made = []
    for (people, layer, override), run in groupby(
        plan.shifts(start, end), key=lambda shift: (shift.people, shift.layer, shift.override)
    ):
        stretch = list(run)
        made.append(Cover(stretch[0].start, stretch[-1].end, tuple(plan.users(people)), layer, override))
    return made


def who_now(at: datetime, rotas: Iterable[models.Rota] | None = None) -> list[OnCallNow]:
    """Each rota (all in use unless given) at an instant: who, since when, until when, who is next."""
    chosen = active_rotas() if rotas is None else rotas
    return [now_of(plan, at) for plan in plans(chosen, at - BACK, at + AHEAD)]


def now_of(plan: Plan, at: datetime) -> OnCallNow:
    """One plan at an instant. The plan must hold the overrides around it."""
    spells = _spells(plan.shifts(at - BACK, at + AHEAD))
    here = next(index for index, spell in enumerate(spells) if spell[0].start <= at < spell[-1].end)
    spell = spells[here]
    shift = next(shift for shift in spell if shift.start <= at < shift.end)
    last = here + 1 == len(spells)
    return OnCallNow(
        rota=plan.rota,
        users=tuple(plan.users(shift.people)),
        since=spell[0].start,
        until=None if last else spell[-1].end,
        next_users=() if last else tuple(plan.users(spells[here + 1][0].people)),
        layer_id=shift.layer,
        override_id=shift.override,
    )


def _spells(shifts: Sequence[types.Shift]) -> list[list[types.Shift]]:
    """Neighbouring shifts of the same people belong together: a hand-over to oneself is none."""
    return [list(run) for _people, run in groupby(shifts, key=lambda shift: shift.people)]


def _prefetch(rotas: list[models.Rota], start: datetime, end: datetime) -> None:
    members = models.LayerMember.objects.select_related("user__site")
    overrides = models.Override.objects.filter(starts_at__lt=end, ends_at__gt=start)
    overrides = overrides.select_related("user__site", "replaces__site").order_by("pk")
    for rota in rotas:
        # what was read into this object before may be another window, or out of date
        rota.__dict__.pop("read_layers", None)
        rota.__dict__.pop("read_overrides", None)
    prefetch_related_objects(
        rotas,
        Prefetch("layers", _layers_with_windows(), to_attr="read_layers"),
        Prefetch("read_layers__members", members, to_attr="read_members"),
        Prefetch("overrides", overrides, to_attr="read_overrides"),
    )


def _layers_with_windows() -> QuerySet[models.Layer]:
    """Layers with their windows as JSON, in the same query."""
    windows = models.LayerWindow.objects.filter(layer=OuterRef("pk")).order_by("start", "pk")
    row = JSONObject(id="pk", weekdays="weekdays", start="start", end="end")
    return models.Layer.objects.select_related("site").annotate(
        windows_read=ArraySubquery(windows.values(row=row))
    )


def windows_of(layer: models.Layer) -> list[models.LayerWindow]:
    """The windows of a layer that was read for a plan; no queries."""
    return [
        models.LayerWindow(
            pk=row["id"],
            layer_id=layer.pk,
            weekdays=row["weekdays"],
            start=time.fromisoformat(row["start"]),
            end=time.fromisoformat(row["end"]),
        )
        for row in layer.windows_read  # type: ignore[attr-defined]
    ]


def read_plan(rota: models.Rota, *, with_inactive: bool = False) -> Plan:
    """The plan of a rota that `plans` has read before, for the same window; no queries."""
    people: dict[int, User] = {}

    def counts(user: User | None) -> bool:
        if user is None or not (with_inactive or can_be_on_call(user)):
            return False
        people[user.pk] = user
        return True

    if not rota.is_active and not with_inactive:
        return Plan(rota, (), (), {})
    layers = tuple(
        _layer(
            layer,
            tuple(
                tuple(member.user_id for member in turn if counts(member.user))
                for _number, turn in groupby(layer.read_members, key=lambda member: member.turn)
            ),
        )
        for layer in rota.read_layers  # type: ignore[attr-defined]
    )
    overrides = tuple(
        _override(row)
        for row in rota.read_overrides  # type: ignore[attr-defined]
        if row.user is None or counts(row.user)
    )
    return Plan(rota, layers, overrides, people)


def _layer(row: models.Layer, groups: tuple[tuple[int, ...], ...]) -> types.Layer:
    return types.Layer(
        key=row.pk,
        priority=row.priority,
        zone=row.zone,
        unit=cast(types.Unit, row.unit),
        length=row.length,
        anchor=to_local(row.anchor, row.zone),
        turns=cast(types.Turns, row.turns),
        groups=groups,
        windows=tuple(
            types.Window(frozenset(window.weekdays), window.start, window.end) for window in windows_of(row)
        ),
        starts=row.starts_at,
        ends=row.ends_at,
    )


def _override(row: models.Override) -> types.Override:
    return types.Override(
        key=row.pk,
        start=row.starts_at,
        end=row.ends_at,
        adds=() if row.user_id is None else (row.user_id,),
        removes=() if row.replaces_id is None else (row.replaces_id,),
    )
