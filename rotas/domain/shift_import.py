"""Shifts of a rota taken from a calendar: whoever it names is on call alone, for as long as its events last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.db import transaction

from accounts.models import User
from core.errors import Invalid
from core.types import Actor
from rotas.domain.ical_reading import ReadEvent, read_events
from rotas.domain.overrides import LONGEST, add_override
from rotas.models import Override, Rota

AHEAD: Final = timedelta(days=400)
MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class ReadShift:
    """From `start` to `end` (UTC, half-open) these people are to be on call, in the order of calling, and nobody else."""

    start: datetime
    end: datetime
    people: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class ReadShifts:
    """What a calendar says of a rota: shifts in order, without overlap, and the events whose people nobody here is."""

    shifts: tuple[ReadShift, ...]
    unmatched: tuple[ReadEvent, ...]


def read_shifts(rota: Rota, text: bytes, people: Sequence[User], *, now: datetime) -> ReadShifts:
    """The shifts that a calendar holds from `now` to four hundred days ahead; nothing is written.

    An event's people are those of `people` that it invites (attendees, by e-mail); where it invites none of them, the one whom
    its summary names: an e-mail address, or a name within it that only one has. Times without a zone, and whole days, are those
    of the rota. Raises Invalid as `read_events` does, for an event longer than a year, and for more than 2,000 shifts.
    """
    # what is over still cuts what runs, so that reading again later gives the same stretches
    events = read_events(text, zone=rota.zone, start=now - LONGEST, end=now + AHEAD)
    named = {user.pk: user for user in people}
    found: list[tuple[datetime, datetime, int]] = []
    unmatched = []
    for event in events:
        if event.end - event.start > LONGEST:
            raise Invalid(f"“{event.summary}” lasts longer than a year. Plan a pattern instead.")
        keys = _people_of(event, people)
        found += [(event.start, event.end, key) for key in keys]
        if not keys and event.end > now:
            unmatched.append(event)
    shifts = tuple(
        ReadShift(start, end, tuple(named[key] for key in keys))
        for start, end, keys in stretches_of(found)
        if end > now
    )
    if len(shifts) > MOST:
        raise Invalid(f"More than {MOST:,} shifts. Export a shorter time, or plan a pattern instead.")
    return ReadShifts(shifts, tuple(unmatched))


def new_of(rota: Rota, shifts: Iterable[ReadShift], now: datetime) -> list[tuple[ReadShift, User, bool]]:
    """The overrides that shifts still to come need and that aren't there yet: who, and whether they take over. One query."""
    rows = Override.objects.filter(rota=rota, ends_at__gt=now)
    known = set(rows.values_list("starts_at", "ends_at", "user_id", "takes_over"))
    return [
        (shift, user, place == 0)
        for shift in shifts
        for place, user in enumerate(shift.people)
        if shift.end > now and (shift.start, shift.end, user.pk, place == 0) not in known
    ]


@transaction.atomic
def take_shifts(
    rota: Rota, shifts: Iterable[ReadShift], *, actor: Actor, now: datetime, reason: str = ""
) -> int:
    """Make overrides of shifts: the first of each takes over, the others are added. How many were new: what is there already
    is left alone. Raises Invalid for people who can't be on call; nothing is written then."""
    missing = new_of(rota, shifts, now)
    for shift, user, takes_over in missing:
        add_override(
            rota,
            starts_at=shift.start,
            ends_at=shift.end,
            user=user,
            replaces=None,
            takes_over=takes_over,
            reason=reason,
            actor=actor,
            now=now,
        )
    return len(missing)


def stretches_of(
    events: Iterable[tuple[datetime, datetime, int]],
) -> list[tuple[datetime, datetime, tuple[int, ...]]]:
    """Who is on when several are, by (start, end, person): stretches that don't overlap, in order, each with its people in the
    order in which their events begin. Times without anybody are left out."""
    ordered = sorted(set(events))
    edges = sorted({edge for start, end, _person in ordered for edge in (start, end)})
    made: list[tuple[datetime, datetime, tuple[int, ...]]] = []
    waiting, running = 0, list[tuple[datetime, datetime, int]]()
    for begin, until in pairwise(edges):
        running = [each for each in running if each[1] > begin]
        while waiting < len(ordered) and ordered[waiting][0] <= begin:
            running.append(ordered[waiting])
            waiting += 1
        people = tuple(dict.fromkeys(person for _start, _end, person in running))
        if not people:
            continue
        if made and made[-1][1:] == (begin, people):
            made[-1] = (made[-1][0], until, people)
        else:
            made.append((begin, until, people))
    return made


def _people_of(event: ReadEvent, people: Sequence[User]) -> list[int]:
    invited = [user.pk for email in event.emails for user in people if user.email.lower() == email]
    if invited:
        return list(dict.fromkeys(invited))
    words = event.summary.lower()
    exact = [user.pk for user in people if words in {user.email.lower(), user.name.lower()}]
    found = exact or [user.pk for user in people if user.email.lower() in words.split()]
    found = found or [user.pk for user in people if f" {user.name.lower()} " in f" {_plain(words)} "]
    return found if len(found) == 1 else []


def _plain(words: str) -> str:
    """Letters and digits with single spaces between, so that "Amina Odhiambo (L1)" names Amina Odhiambo."""
    kept = "".join(letter if letter.isalnum() or letter in "-'.’" else " " for letter in words)
    return " ".join(kept.split())
