"""Everybody's shifts over a day, a week, a month or a quarter, as strips: a row a rota, a person or a site."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from accounts.models import User
from core.zones import to_local, to_utc
from rotas.models import Rota
from rotas.queries.cover import schedules
from rotas.queries.week import Block, Scale

View = Literal["day", "week", "month", "quarter"]
By = Literal["rota", "person", "site"]
VIEWS: Final[tuple[View, ...]] = ("day", "week", "month", "quarter")
ROWS: Final[tuple[By, ...]] = ("rota", "person", "site")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end` (UTC) these people are on call of a rota; none is a gap."""

    rota: Rota
    start: datetime
    end: datetime
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One strip: whose, with a note, and its blocks."""

    name: str
    note: str
    blocks: tuple[Block, ...]
    user: User | None = None
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The strips of some days; `heads` are the beginnings of days, or of weeks in a quarter: place, name, whether it is now's.

    `before` and `after` are the days to turn to.
    """

    first: date
    last: date
    before: date
    after: date
    zone: str
    heads: tuple[tuple[str, str, bool], ...]
    rows: tuple[Row, ...]
    now_x: str


def days_of(view: View, day: date) -> tuple[date, date]:
    """The first day of the view that a day lies in, and the first day after it."""
    if view == "day":
        return day, day + timedelta(days=1)
    if view == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    months = 1 if view == "month" else 3
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    return first, _month_after(first, months)


def calendar(rotas: Sequence[Rota], day: date, now: datetime, *, view: View, by: By, zone: str) -> Calendar:
    """Rotas in the view that a day lies in: up to `now` as it was written down, from then on as it is planned."""
    first, following = days_of(view, day)
    start, end = _midnight(first, zone), _midnight(following, zone)
    scale = Scale(start, end, zone)
    spans = spans_between(rotas, start, end, now)
    rows = {"rota": _by_rota, "person": _by_person, "site": _by_site}[by](spans, scale)
    return Calendar(
        first,
        following - timedelta(days=1),
        days_of(view, first - timedelta(days=1))[0],
        following,
        zone,
        tuple(_heads(view, first, following, scale, now)),
        tuple(rows),
        f"{scale.x(now):.3f}%" if start <= now < end else "",
    )


def spans_between(rotas: Sequence[Rota], start: datetime, end: datetime, now: datetime) -> list[Span]:
    """The stretches of rotas within `[start, end)`, cut at both, by rota and time; a rota that says nothing has none."""
    spans = [
        Span(rota, cover.start, cover.end, cover.users)
        for rota, covers in schedules(rotas, start, end, now)
        if any(cover.users for cover in covers) or rota.read_layers  # type: ignore[attr-defined]
        for cover in covers
    ]
    return sorted(spans, key=lambda span: (span.rota.level, span.rota.name, span.rota.pk, span.start))


def _by_rota(spans: Sequence[Span], scale: Scale) -> list[Row]:
    rows: dict[int, tuple[Rota, list[Block]]] = {}
    for span in spans:
        rows.setdefault(span.rota.pk, (span.rota, []))[1].append(
            scale.people(span.start, span.end, span.users)
        )
    return [
        Row(rota.name, f"{rota.get_level_display()} · {rota.team.name}", tuple(blocks), slug=rota.slug)
        for rota, blocks in rows.values()
    ]


def _by_person(spans: Sequence[Span], scale: Scale) -> list[Row]:
    rows: dict[int, tuple[User, list[Block]]] = {}
    for span in spans:
        for user in span.users:
            block = scale.named(span.start, span.end, user, span.rota.name)
            rows.setdefault(user.pk, (user, []))[1].append(block)
    ordered = sorted(
        rows.values(), key=lambda row: (row[0].site.position if row[0].site else 99, row[0].name)
    )
    return [
        Row(user.name, user.site.name if user.site else "", tuple(blocks), user=user)
        for user, blocks in ordered
    ]


def _by_site(spans: Sequence[Span], scale: Scale) -> list[Row]:
    rows: dict[tuple[int, str], list[Block]] = {}
    for span in spans:
        for user in span.users:
            key = (user.site.position, user.site.name) if user.site else (99, "–")
            block = scale.people(span.start, span.end, (user,), span.rota.name)
            rows.setdefault(key, []).append(block)
    return [Row(name, "", tuple(blocks)) for (_place, name), blocks in sorted(rows.items())]


def _heads(
    view: View, first: date, following: date, scale: Scale, now: datetime
) -> Iterable[tuple[str, str, bool]]:
    today = to_local(now, scale.zone).date()
    day = first
    while day < following:
        step = 7 if view == "quarter" else 1
        name = f"{day:%a} {day.day}" if view in {"day", "week"} else str(day.day)
        if view == "quarter":
            name = f"{day.day} {day:%b}"
        here = day <= today < day + timedelta(days=step)
        yield f"{scale.x(_midnight(day, scale.zone)):.3f}%", name, here
        day += timedelta(days=step)


def _midnight(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, datetime.min.time()), zone)


def _month_after(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)
