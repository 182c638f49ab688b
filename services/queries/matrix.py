"""Boundaries as pages draw them: activities by group, a column for each party, terms in words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.ui.words import duration
from services.choices import ActivityGroup, Authority, Letter, Party
from services.types import Boundaries, Duty, PartyBounds


@dataclass(frozen=True, slots=True)
class Column:
    """A party, with who it is here ("" where the template is shown)."""

    party: str
    label: str
    team: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One letter with its word; both "" where the party has no part in it. `name` is the field of the form."""

    letter: str
    word: str
    party: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    duty: Duty
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Where a party's work ends, with its authority and the next party in words."""

    label: str
    bounds: PartyBounds
    may: tuple[str, ...]
    hands_to: str
    timebox: str


@dataclass(frozen=True, slots=True)
class Matrix:
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    terms: tuple[Terms, ...]
    own_rows: int


def matrix_of(boundaries: Boundaries) -> Matrix:
    """Everything that the page of boundaries shows."""
    columns = tuple(
        Column(
            party.value,
            str(party.label),
            boundaries.parties[party.value].team_name if party.value in boundaries.parties else "",
        )
        for party in Party
    )
    groups = []
    for group in ActivityGroup:
        rows = tuple(_row(duty) for duty in boundaries.duties if duty.group == group)
        if rows:
            groups.append(Group(str(group.label), rows))
    return Matrix(
        columns,
        tuple(groups),
        tuple(terms_of(bounds) for bounds in boundaries.parties.values()),
        sum(duty.own for duty in boundaries.duties),
    )


def terms_of(bounds: PartyBounds) -> Terms:
    return Terms(
        str(Party(bounds.party).label),
        bounds,
        tuple(str(Authority(each).label) for each in bounds.authority),
        str(Party(bounds.hands_to).label) if bounds.hands_to else "",
        duration(bounds.timebox * 60) if bounds.timebox else "",
    )


def said_of(duty: Duty) -> str:
    """The letters of one activity in a line: "L1 R, Engineering A"."""
    return ", ".join(f"{Party(party).label} {letter}" for party, letter in duty.letters.items())


def who_may(parties: Iterable[PartyBounds]) -> list[tuple[str, str]]:
    """What may be done without asking, and by whom; what the same parties may stands together."""
    by: dict[str, list[str]] = {}
    for bounds in parties:
        for each in bounds.authority:
            by.setdefault(each, []).append(str(Party(bounds.party).label))
    grouped: dict[str, list[str]] = {}
    for authority in Authority:
        if authority.value in by:
            grouped.setdefault(", ".join(by[authority.value]), []).append(str(authority.label))
    return [(", ".join([labels[0], *map(_small, labels[1:])]), who) for who, labels in grouped.items()]


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]


def _row(duty: Duty) -> Row:
    return Row(duty, tuple(_cell(duty, party) for party in Party))


def _cell(duty: Duty, party: Party) -> Cell:
    letter = duty.letters.get(party.value, "")
    word = str(Letter(letter).label) if letter else ""
    return Cell(str(letter), word, party.value, f"{duty.slug}:{party.value}", f"{duty.name}, {party.label}")
