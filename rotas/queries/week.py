"""One week of a rota as strips: numbers and words that a template draws.

x and width are percentages of the week's seconds, so a week in which clocks change is drawn true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

from django.utils.translation import gettext as _

from accounts.models import User
from core.ui.amounts import hours
from core.ui.words import clock_time, zone_letters
from core.zones import to_local, to_utc
from rotas.domain.coverage import layer_shifts
from rotas.domain.words import what_it_does
from rotas.models import Layer, Override, Rota, Shadow
from rotas.queries.oncall import Cover, Plan, as_was_and_will, read_plan, windows_of

DAYS: Final = 7
# Narrower blocks (percent of the strip) leave their letters to the title.
ROOM_FOR_LETTERS: Final = 1.9
ROOM_FOR_NAME: Final = 9.0


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a strip: where, in which style, with which letters, and its words for title and voice."""

    x: str
    width: str
    middle: str
    css: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One row. `kind`: "truth" (who is called), "overrides", "shadows" (who learns; called by none of them), "layer"."""

    kind: Literal["truth", "overrides", "shadows", "layer"]
    name: str
    note: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table view. No users is a gap; `why` says which layer or override."""

    start: datetime
    end: datetime
    users: tuple[User, ...]
    why: str
    is_now: bool

    @property
    def hours(self) -> str:
        """How long it is in truth: "24 h", and "23 h" on the night on which clocks go forward."""
        return hours(self.end - self.start)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven local days of a rota from Monday. `now_x` is empty in other weeks; `gap` is the time without anybody."""

    monday: date
    zone: str
    letters: str
    start: datetime
    end: datetime
    days: tuple[tuple[str, str, bool], ...]
    strips: tuple[Strip, ...]
    rows: tuple[Row, ...]
    gaps: tuple[Cover, ...]
    gap: timedelta
    now_x: str = ""
    now_hands: str = ""
    overrides: tuple[Override, ...] = field(default=())

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=DAYS)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=DAYS - 1)


@dataclass(frozen=True, slots=True)
class Scale:
    """From instants to percentages and words of some days in one zone."""

    start: datetime
    end: datetime
    zone: str

    def x(self, at: datetime) -> float:
        """Where an instant lies, as a percentage; what lies outside is at the edge."""
        return (min(max(at, self.start), self.end) - self.start) / (self.end - self.start) * 100

    def block(self, start: datetime, end: datetime, css: str, words: tuple[str, str], title: str) -> Block:
        """`words` are the letters and, where there is room, the longer form."""
        left, right = self.x(start), self.x(end)
        width = right - left
        text = words[1] if width >= ROOM_FOR_NAME else words[0] if width >= ROOM_FOR_LETTERS else ""
        said = f"{title}, {self.words(start, end)}"
        return Block(f"{left:.3f}%", f"{width:.3f}%", f"{left + width / 2:.3f}%", css, text, said)

    def people(self, start: datetime, end: datetime, users: Sequence[User], what: str = "") -> Block:
        """A block of who is on call; nobody is a gap."""
        if not users:
            return self.block(start, end, "sh-gap", (_("gap"), _("nobody")), _("Nobody on call"))
        title = f"{_names(users)}, {what}" if what else _names(users)
        return self.block(start, end, _hue(users[0]), _letters(users), title)

    def named(self, start: datetime, end: datetime, user: User, name: str) -> Block:
        """A block of one person, with the name of what they are on call of."""
        return self.block(start, end, _hue(user), (name[:2], name), name)

    def words(self, start: datetime, end: datetime) -> str:
        """ "Wed 25 12:00 to 16:00 EAT"; the second day is named where it is another. Where clocks change in between, both
        zones are named, and the true length: "Sun 8 02:00 CST to Mon 9 02:00 CDT, 23 h".
        """
        begin, until = to_local(start, self.zone), to_local(end, self.zone)
        tail = _clock(until) if until.date() == begin.date() else f"{until:%a} {until.day} {_clock(until)}"
        first, letters = f"{begin:%a} {begin.day} {_clock(begin)}", zone_letters(self.zone, start)
        if until - begin == end - start:
            return f"{first} to {tail} {letters}"
        return f"{first} {letters} to {tail} {zone_letters(self.zone, end)}, {hours(end - start)}"


def _clock(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def monday_of(at: datetime, zone: str) -> date:
    """The Monday of the local week that an instant lies in."""
    local = to_local(at, zone).date()
    return local - timedelta(days=local.weekday())


def bounds_of(monday: date, zone: str) -> tuple[datetime, datetime]:
    """From when to when (UTC) the local week lasts."""
    midnights = _midnights(monday, zone)
    return midnights[0], midnights[-1]


def week_of(
    rota: Rota,
    monday: date,
    zone: str,
    now: datetime,
    past: Sequence[Cover] = (),
    *,
    shadows: Sequence[Shadow] = (),
) -> Week:
    """The week of `rota` from `monday`, drawn in `zone` (IANA). Up to `now` as it was, from then on as it will be.

    `past` is what was written down of the time up to now (`queries.cover.written_of`), `shadows` who is in training.
    `plans` must have read the rota for a window around the week (`bounds_of`); no queries here.
    """
    midnights = _midnights(monday, zone)
    start, end = midnights[0], midnights[-1]
    scale = Scale(start, end, zone)
    covers = as_was_and_will(rota, past, start, end, now)
    plan = read_plan(rota, with_inactive=end <= now)
    gaps = tuple(cover for cover in covers if not cover.users) if plan.layers or plan.overrides else ()
    read: list[Override] = rota.read_overrides  # type: ignore[attr-defined]
    overrides = [row for row in read if row.starts_at < end and row.ends_at > start]
    layers: list[Layer] = rota.read_layers  # type: ignore[attr-defined]
    strips = [Strip("truth", _("On call"), _("who is really called"), tuple(_truth(covers, scale)))]
    if overrides:
        strips.append(_override_strip(overrides, scale))
    learning = [row for row in shadows if row.starts_at < end and row.ends_at > start]
    if learning:
        strips.append(_shadow_strip(learning, scale))
    strips += [_layer_strip(row, plan, scale) for row in layers if _holds(row.pk, plan, scale)]
    here = start <= now < end
    return Week(
        monday=monday,
        zone=zone,
        letters=zone_letters(zone, start),
        start=start,
        end=end,
        days=tuple(_days(midnights, scale, now)),
        strips=tuple(strips),
        rows=tuple(_rows(covers, layers, overrides, now)),
        gaps=gaps,
        gap=sum((cover.end - cover.start for cover in gaps), timedelta()),
        now_x=f"{scale.x(now):.3f}%" if here else "",
        now_hands=clock_time(now, zone) if here else "",
        overrides=tuple(overrides),
    )


@dataclass(frozen=True, slots=True)
class DrawnWeek:
    """Seven local days as one strip of who is called."""

    monday: date
    days: tuple[tuple[str, str, bool], ...]
    blocks: tuple[Block, ...]


def draw_weeks(
    covers: Sequence[Cover], monday: date, weeks: int, zone: str, now: datetime
) -> list[DrawnWeek]:
    """So many weeks from `monday`, a strip each; what no cover says is left empty."""
    drawn = []
    for number in range(weeks):
        first = monday + timedelta(days=DAYS * number)
        midnights = _midnights(first, zone)
        scale = Scale(midnights[0], midnights[-1], zone)
        within = [each for each in covers if each.start < scale.end and each.end > scale.start]
        drawn.append(DrawnWeek(first, tuple(_days(midnights, scale, now)), tuple(_truth(within, scale))))
    return drawn


def _midnights(monday: date, zone: str) -> list[datetime]:
    days = (monday + timedelta(days=n) for n in range(DAYS + 1))
    return [to_utc(datetime.combine(day, datetime.min.time()), zone) for day in days]


def _days(midnights: Sequence[datetime], scale: Scale, now: datetime) -> Iterable[tuple[str, str, bool]]:
    """Each day: where it begins, its name, whether it is today."""
    today = to_local(now, scale.zone).date()
    for midnight in midnights[:-1]:
        # noon of the first second: where clocks change at midnight the local day is still this one
        day = to_local(midnight + timedelta(hours=2), scale.zone)
        yield f"{scale.x(midnight):.3f}%", f"{day:%a} {day.day}", day.date() == today


def _truth(covers: Iterable[Cover], scale: Scale) -> Iterable[Block]:
    for cover in covers:
        yield scale.people(cover.start, cover.end, cover.users)


def _override_strip(overrides: Sequence[Override], scale: Scale) -> Strip:
    """Overrides of the very same hours share a block, else one would hide the other."""
    together: dict[tuple[datetime, datetime], list[Override]] = {}
    for row in overrides:
        together.setdefault((row.starts_at, row.ends_at), []).append(row)
    blocks = tuple(
        scale.block(
            start,
            end,
            "sh-over",
            _letters([row.user or row.replaces for row in rows]),
            "; ".join(what_it_does(row) for row in rows),
        )
        for (start, end), rows in together.items()
    )
    return Strip("overrides", _("Overrides"), _("%(count)d this week") % {"count": len(overrides)}, blocks)


def _shadow_strip(shadows: Sequence[Shadow], scale: Scale) -> Strip:
    """Who is in training, as stretches in which the same people are, so that none hides another."""
    edges = sorted({at for row in shadows for at in (row.starts_at, row.ends_at)})
    blocks = []
    for start, end in pairwise(edges):
        rows = [row for row in shadows if row.starts_at <= start and row.ends_at >= end]
        if rows and start < scale.end and end > scale.start:
            title = "; ".join(f"{row.user}: {row.get_kind_display()}" for row in rows)
            blocks.append(scale.block(start, end, "sh-shadow", _letters([row.user for row in rows]), title))
    return Strip("shadows", _("In training"), _("no cover"), tuple(blocks))


def _holds(key: int, plan: Plan, scale: Scale) -> bool:
    """Whether a layer is valid at some time of the week: those of other patterns are not drawn."""
    value = next((layer for layer in plan.layers if layer.key == key), None)
    if value is None:
        return True
    return (value.starts is None or value.starts < scale.end) and (
        value.ends is None or value.ends > scale.start
    )


def _layer_strip(row: Layer, plan: Plan, scale: Scale) -> Strip:
    value = next((layer for layer in plan.layers if layer.key == row.pk), None)
    blocks = []
    for shift in layer_shifts(value, scale.start, scale.end) if value else []:
        users = plan.users(shift.people)
        blocks.append(scale.block(shift.start, shift.end, _hue(users[0]), _letters(users), _names(users)))
    windows = ", ".join(str(window) for window in windows_of(row)) or _("always")
    return Strip("layer", row.name, f"{windows} {zone_letters(row.zone, scale.start)}", tuple(blocks))


def _rows(
    covers: Iterable[Cover], layers: Sequence[Layer], overrides: Sequence[Override], now: datetime
) -> Iterable[Row]:
    names = {layer.pk: layer.name for layer in layers}
    said = {override.pk: what_it_does(override) for override in overrides}
    for cover in covers:
        why = said.get(cover.override_id or 0) or names.get(cover.layer_id or 0, "")
        yield Row(cover.start, cover.end, cover.users, why, cover.start <= now < cover.end)


def _hue(user: User) -> str:
    return f"sh-{user.hue}"


def _letters(users: Sequence[User | None]) -> tuple[str, str]:
    known = [user for user in users if user is not None]
    return " ".join(user.initials for user in known), ", ".join(user.short_name for user in known)


def _names(users: Iterable[User]) -> str:
    return ", ".join(str(user) for user in users)
