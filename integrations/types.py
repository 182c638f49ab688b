"""What passes between a file, the source that understands it, and the import that writes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from incidents.types import Past


class Unreadable(Exception):
    """The file as a whole can't be used; the message says why and, where it can, in which line."""


class Rejected(Exception):
    """A row (or all rows of one incident) can't be used; the message is the reason for people."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. `line` is where it begins in the file, counted from 1; cells by column, trimmed."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """A service or team as a file speaks of it: the slug it has here, and its name where it must be made."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """One incident as a source reads it from its rows. `teams` are those that its history names."""

    past: Past
    service: Named
    teams: tuple[Named, ...] = ()


class Source(Protocol):
    """A form of file. It is plain: text in, values out, nothing remembered between incidents."""

    def key(self, row: Row) -> str:
        """The incident that a row belongs to. Reads the whole row; raises Rejected where it can't be used."""

    def found(self, rows: Sequence[Row]) -> Found:
        """The incident of all of its rows, in the order of the file. Raises Rejected."""
