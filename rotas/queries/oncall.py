"""Who is on call: rows of rotas, layers and overrides become plain values, the coverage engine decides.

Who is deactivated, or has left the support organisation, is on nobody's call list: their turns are free, so that a
lower layer may fill them, and an override that would bring them in has no effect. Reading n rotas takes the same number of queries
as reading one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import chain, groupby
from typing import cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import JSONObject

from accounts.models import User
from core.compiled import compiled
from core.zones import to_local
from rotas import models, types
from rotas.choices import HolidayRule
from rotas.domain.coverage import coverage
from rotas.queries.holidays import holiday_stretches
from rotas.rules import can_be_on_call

# How far around an instant the present shift and the next one are looked for.
BACK = timedelta(days=8)
AHEAD = timedelta(days=15)
# Whether somebody counts; whoever does is remembered.
Counts = Callable[[User | None], bool]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """One rota as the coverage engine reads it, with the overrides of a window and the people named in it."""

    rota: models.Rota
    layers: tuple[types.Layer, ...]
    overrides: tuple[types.Override, ...]
    people: dict[int, User]
    # The pattern that a layer belongs to, by the keys of both; None: the one that the rota began with.
    versions: Mapping[int, int | None] = field(default_factory=dict)

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


def rotas_in_use() -> list[models.Rota]:
    """`active_rotas`, read. One query."""
    return _in_use()


@compiled
def _in_use() -> QuerySet[models.Rota]:
    return active_rotas()


def plans(
    rotas: Iterable[models.Rota], start: datetime, end: datetime, *, with_inactive: bool = False
) -> list[Plan]:
    """Plans of rotas with the overrides that touch `[start, end)`: four queries, however many rotas, and one more where a
    named list covers holidays.

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


def as_was_and_will(
    rota: models.Rota, past: Sequence[Cover], start: datetime, end: datetime, now: datetime
) -> list[Cover]:
    """The schedule of `[start, end)` of a rota that `plans` has read for it: up to `now` as it was, from then on as planned.

    `past` is what is written down of the time before `now`, cut to it (`queries.cover.written_of`). Where nothing is, it is what
    today's layers say of it, with whoever has left since. No queries.
    """
    # shifts begin at whole seconds
    edge = min(max(start, now.replace(microsecond=0)), end)
    begins = past[0].start if past else edge
    older = covers(read_plan(rota, with_inactive=True), start, begins) if start < begins else []
    coming = covers(read_plan(rota), edge, end) if edge < end else []
    return joined([*older, *past, *coming])


def joined(stretches: Iterable[Cover]) -> list[Cover]:
    """Neighbours that differ in nothing shown are one."""
    found: list[Cover] = []
    for each in stretches:
        last = found[-1] if found else None
        if last is not None and last.end == each.start and _same(last, each):
            found[-1] = replace(last, end=each.end)
        else:
            found.append(each)
    return found


def _same(one: Cover, other: Cover) -> bool:
    """Whether two stretches differ in nothing but their time."""
    return (
        one.layer_id == other.layer_id and one.override_id == other.override_id and one.users == other.users
    )


def covers(plan: Plan, start: datetime, end: datetime) -> list[Cover]:
    """The final schedule of a plan with its people; neighbours that differ in nothing shown are one."""
    return joined(
        Cover(shift.start, shift.end, tuple(plan.users(shift.people)), shift.layer, shift.override)
        for shift in plan.shifts(start, end)
    )


def who_now(at: datetime, rotas: Iterable[models.Rota] | None = None) -> list[OnCallNow]:
    """Each rota (all in use unless given) at an instant: who, since when, until when, who is next."""
    chosen = active_rotas() if rotas is None else rotas
    return [now_of(plan, at) for plan in plans(chosen, at - BACK, at + AHEAD)]


def following(rota: models.Rota, at: datetime) -> list[User]:
    """Who is on call of a rota next after whoever is at an instant, gaps passed over; nobody within `AHEAD` is an empty list."""
    return following_of([rota], at)[rota.pk]


def following_of(rotas: Iterable[models.Rota], at: datetime) -> dict[int, list[User]]:
    """`following` for many rotas at once, by the rota's key."""
    return {plan.rota.pk: _following(plan, at) for plan in plans(rotas, at, at + AHEAD)}


def _following(plan: Plan, at: datetime) -> list[User]:
    present, *later = covers(plan, at, at + AHEAD)
    return list(next((each.users for each in later if each.users and each.users != present.users), ()))


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
        rota.read_window = (start, end)  # type: ignore[attr-defined]
    named = [rota for rota in rotas if rota.holiday_rule == HolidayRule.NAMED]
    for rota in named:
        rota.__dict__.pop("read_holiday_people", None)
    prefetch_related_objects(
        named,
        Prefetch("holiday_people", User.objects.select_related("site"), to_attr="read_holiday_people"),
    )
    prefetch_related_objects(
        rotas,
        Prefetch("layers", _layers_with_windows(), to_attr="read_layers"),
        Prefetch("read_layers__members", members, to_attr="read_members"),
        Prefetch("overrides", overrides, to_attr="read_overrides"),
    )


def _layers_with_windows() -> QuerySet[models.Layer]:
    """Layers with their windows as JSON and the starts of all patterns of their rota, in the same query."""
    windows = models.LayerWindow.objects.filter(layer=OuterRef("pk")).order_by("start", "pk")
    row = JSONObject(id="pk", weekdays="weekdays", start="start", end="end")
    living = models.RotaVersion.objects.filter(rota=OuterRef("rota"), undone_at__isnull=True)
    layers = models.Layer.objects.filter(Q(version__isnull=True) | Q(version__undone_at__isnull=True))
    return layers.select_related("site", "version").annotate(
        windows_read=ArraySubquery(windows.values(row=row)),
        patterns_read=ArraySubquery(living.order_by("starts_at").values("starts_at")),
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
    read: Sequence[models.Layer] = rota.read_layers  # type: ignore[attr-defined]
    layers = tuple(
        each for layer in read for each in _by_holidays(rota, layer, _layer(layer, counts), counts)
    )
    overrides = tuple(
        _override(row)
        for row in rota.read_overrides  # type: ignore[attr-defined]
        if row.user is None or counts(row.user)
    )
    return Plan(rota, layers, overrides, people, {layer.pk: layer.version_id for layer in read})


def _groups(row: models.Layer, counts: Counts) -> tuple[tuple[int, ...], ...]:
    """The people of each turn; a turn of nobody, and every other one where the layer rests, is empty."""
    groups = [
        tuple(member.user_id for member in turn if counts(member.user))
        for _number, turn in groupby(row.read_members, key=lambda member: member.turn)  # type: ignore[attr-defined]
    ]
    return tuple(chain.from_iterable((group, ()) for group in groups)) if row.every_other else tuple(groups)


def _by_holidays(
    rota: models.Rota, row: models.Layer, layer: types.Layer, counts: Counts
) -> Iterable[types.Layer]:
    """The layer as public holidays of its site leave it, and those who cover them."""
    if rota.holiday_rule == HolidayRule.COVER or row.site is None:
        return [layer]
    start, end = rota.read_window  # type: ignore[attr-defined]
    days = holiday_stretches(row.site.country, row.zone, start.year - 1, end.year + 1)
    if not days:
        return [layer]
    if rota.holiday_rule == HolidayRule.SKIP:
        return [replace(layer, off=days)]
    named = tuple(user.pk for user in rota.read_holiday_people if counts(user))  # type: ignore[attr-defined]
    return [replace(layer, off=days), replace(layer, only=days, groups=(named,))]


def _layer(row: models.Layer, counts: Counts) -> types.Layer:
    pattern = None if row.version is None else row.version.starts_at
    following = next(
        (at for at in row.patterns_read if pattern is None or at > pattern),  # type: ignore[attr-defined]
        None,
    )
    starts = max((at for at in (row.starts_at, pattern) if at is not None), default=None)
    ends = min((at for at in (row.ends_at, following) if at is not None), default=None)
    return types.Layer(
        key=row.pk,
        priority=row.priority,
        zone=row.zone,
        unit=cast(types.Unit, row.unit),
        length=row.length,
        anchor=to_local(row.anchor, row.zone),
        turns=cast(types.Turns, row.turns),
        groups=_groups(row, counts),
        windows=tuple(
            types.Window(frozenset(window.weekdays), window.start, window.end) for window in windows_of(row)
        ),
        starts=starts,
        ends=ends,
        count_closed=row.count_closed,
    )


def _override(row: models.Override) -> types.Override:
    return types.Override(
        key=row.pk,
        start=row.starts_at,
        end=row.ends_at,
        adds=() if row.user_id is None else (row.user_id,),
        removes=() if row.replaces_id is None else (row.replaces_id,),
        replace_all=row.takes_over,
    )
