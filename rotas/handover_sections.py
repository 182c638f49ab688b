"""What a hand-over is made of. `rotas` knows sections and plain items; the app that knows the matter registers here.

An app brings a `handover.py` that calls `register("incidents", …)`; it is found at start-up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.types import Words
from rotas.models import Rota

# So many items of a section are taken over; what goes beyond is one item that says so.
MOST: Final = 50
# What people write by themselves stands here.
NOTES: Final = "notes"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a hand-over is about: of `rota`, the time from `since` to the change of people at `at`, and the shift that
    begins there and ends at `until` (UTC). `services` are the keys of those its team owns."""

    rota: Rota
    since: datetime
    at: datetime
    until: datetime
    services: frozenset[int]
    outgoing: tuple[int, ...]
    incoming: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the next shift must know. `source` names what it is about ("incident:INC-7") and is the same as long
    as that goes on; `url` is a path within the portal. What is left empty, people fill in."""

    source: str
    title: str
    url: str = ""
    detail: str = ""
    next_action: str = ""
    owner_id: int | None = None
    due_at: datetime | None = None


Collect = Callable[[Scope, datetime], Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of every hand-over. `collect(scope, now)` gives what is open, the weightiest first, in a constant number of
    queries; None where only people write. It may give more than MOST, to say that there are more."""

    key: str
    label: Words
    order: int
    collect: Collect | None = None


_sections: dict[str, Section] = {}


def register(key: str, label: Words, order: int, collect: Collect | None = None) -> None:
    """Add a section; the same key again replaces it. Raises ValueError for a key that a row can't hold."""
    if not 0 < len(key) <= 24:
        raise ValueError("The key of a section has 1 to 24 characters.")
    _sections[key] = Section(key, label, order, collect)


def unregister(key: str) -> None:
    """Forget a section; unknown ones are fine."""
    _sections.pop(key, None)


def sections() -> list[Section]:
    """All of them, in order."""
    return sorted(_sections.values(), key=lambda section: (section.order, section.key))
