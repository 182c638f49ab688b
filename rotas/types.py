"""Plain values that the coverage engine works on; people, layers and overrides are known by their keys.

Times with a zone are UTC instants; times without one are wall-clock times in the layer's zone. All stretches
of time are half-open.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

Unit = Literal["hourly", "daily", "weekly", "monthly"]
Turns = Literal["anchor", "calendar"]
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Window:
    """A weekly stretch of local time in which a layer is on, from `start` to `end` on each of `weekdays`.

    0 is Monday. An end at or before the start lies on the next day: 08:00-08:00 lasts a day.
    """

    weekdays: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True)
class Layer:
    """One rotation of a rota.

    `groups` holds the people of each turn in order (several may be on at once, an empty group is nobody);
    the turn that begins at `anchor`, a wall-clock time in `zone`, is the first group's, and the grid of
    hand-overs runs on to both sides, every `length` units. `turns="calendar"` begins weekly turns on Mondays
    and monthly turns on the 1st, at the anchor's time of day; the period that holds the anchor is the first
    group's. `windows` limits when the layer is on (none: always), `starts` and `ends` from when to when it
    is valid at all. Where several layers have somebody, the highest `priority` is on; among equals the lowest
    `key`.

    With windows, hours and days in which no window is open use up no turn, unless `count_closed`.

    `off` are stretches in which it isn't on although it would be, `only` (None: always) those outside of which it isn't;
    neither changes whose turn it is. Both are in order and don't touch. Raises `ValueError` for a length below one and for
    an anchor with a zone.
    """

    key: int
    priority: int
    zone: str
    unit: Unit
    length: int
    anchor: datetime
    turns: Turns
    groups: tuple[tuple[int, ...], ...]
    windows: tuple[Window, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None
    count_closed: bool = False
    off: tuple[Stretch, ...] = ()
    only: tuple[Stretch, ...] | None = None

    def __post_init__(self) -> None:
        if self.length < 1:
            raise ValueError(f"A turn lasts at least one unit; got {self.length}.")
        if self.anchor.tzinfo is not None:
            raise ValueError("The anchor is a wall-clock time in the layer's zone; it has no tzinfo.")


@dataclass(frozen=True)
class Override:
    """A change to the final schedule from `start` to `end` (UTC). Four kinds:

    - add: only `adds`. They are on besides whoever is on, also where nobody is.
    - remove: only `removes`. They are not on; nobody steps in.
    - replace: both. Wherever one of `removes` is on, `adds` take that place; elsewhere nothing changes.
    - take over: `adds` with `replace_all`. They alone are on, whoever was (also where nobody was).

    Where several hold at once they are applied one after the other, in order of `key`.
    """

    key: int
    start: datetime
    end: datetime
    adds: tuple[int, ...] = ()
    removes: tuple[int, ...] = ()
    replace_all: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """From `start` to `end` (UTC) these people are on call, in order; no people is a gap.

    `layer` is the key of the layer that this time comes from (`None` where no layer has anybody), `override`
    the key of the last override that changed who is on (also where it left nobody).
    """

    start: datetime
    end: datetime
    people: tuple[int, ...]
    layer: int | None
    override: int | None
