"""A person's leave taken from their own calendar, again and again: events are known by their UID."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Invalid
from core.types import Actor
from rotas.choices import LeaveState
from rotas.domain.ical_reading import ReadEvent, read_events
from rotas.domain.leaves import ask_leave, move_leave, withdraw_leave
from rotas.models import Leave
from rotas.queries.conflicts import Conflict, shifts_within

AHEAD: Final = timedelta(days=400)
MOST_LEAVE: Final = 200
_OPEN: Final = (LeaveState.ASKED, LeaveState.APPROVED)


@dataclass(slots=True)
class Imported:
    """What an import did: leave that is new, moved, withdrawn, the same as before; events that were `refused`, each with a
    sentence why; and the shifts that new and moved leave meets."""

    made: list[Leave] = field(default_factory=list)
    moved: list[Leave] = field(default_factory=list)
    withdrawn: list[Leave] = field(default_factory=list)
    same: int = 0
    refused: list[tuple[ReadEvent, str]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@transaction.atomic
def import_leave(user: User, text: bytes, *, actor: Actor, now: datetime) -> Imported:
    """Make the person's imported leave what their calendar says, from now to four hundred days ahead.

    Events with a UID that is new are asked for as `ask_leave` does, those whose times changed are moved, imported leave whose
    event is gone (or cancelled) is withdrawn; what was declined stays so until its times change, what was
    withdrawn is asked for again where the calendar still has it. Leave that was entered by
    hand is never touched. Raises Invalid as `read_events` does, and for more than 200 events: that is no calendar of leave.
    """
    end = now + AHEAD
    events = read_events(text, zone=user.zone, start=now, end=end)
    if len(events) > MOST_LEAVE:
        words = _("More than %(most)d events lie ahead. Export a calendar that holds your leave only.")
        words %= {"most": MOST_LEAVE}
        raise Invalid(words, fields={"file": words})
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known = {row.uid: row for row in Leave.objects.filter(user=user).exclude(uid="")}
    done = Imported()
    _withdraw_gone(done, known, events, actor=actor, now=now)
    pending = list(events)
    while pending:
        # one may stand where another is about to leave
        refused = [
            (event, words)
            for event in pending
            if (words := _take(done, user, event, known.get(event.uid), actor=actor, now=now))
        ]
        if len(refused) == len(pending):
            done.refused = refused
            break
        pending = [event for event, _why in refused]
    done.conflicts = _conflicts(user, [*done.made, *done.moved], now)
    return done


def _withdraw_gone(
    done: Imported, known: dict[str, Leave], events: Sequence[ReadEvent], *, actor: Actor, now: datetime
) -> None:
    here = {event.uid for event in events}
    for uid, leave in known.items():
        if uid not in here and leave.state in _OPEN and now < leave.ends_at and leave.starts_at < now + AHEAD:
            done.withdrawn.append(withdraw_leave(leave, actor=actor, now=now))


def _take(
    done: Imported, user: User, event: ReadEvent, leave: Leave | None, *, actor: Actor, now: datetime
) -> str:
    """Do what one event asks for; in words why not, or nothing."""
    try:
        if leave is None:
            done.made.append(
                ask_leave(
                    user,
                    starts_at=event.start,
                    ends_at=event.end,
                    note=event.summary,
                    uid=event.uid,
                    actor=actor,
                    now=now,
                )
            )
        elif (leave.starts_at, leave.ends_at) != (
            event.start,
            event.end,
        ) or leave.state == LeaveState.WITHDRAWN:
            done.moved.append(
                move_leave(
                    leave, starts_at=event.start, ends_at=event.end, note=event.summary, actor=actor, now=now
                )
            )
        else:
            done.same += 1
    except Invalid as refusal:
        return refusal.message
    return ""


def _conflicts(user: User, leaves: Sequence[Leave], now: datetime) -> list[Conflict]:
    if not leaves:
        return []
    start, end = min(each.starts_at for each in leaves), max(each.ends_at for each in leaves)
    shifts = shifts_within(user, start, end, now)
    return [
        Conflict(shift.rota, user, max(shift.start, leave.starts_at), min(shift.end, leave.ends_at), leave)
        for leave in sorted(leaves, key=lambda each: each.starts_at)
        for shift in shifts
        if shift.start < leave.ends_at and shift.end > leave.starts_at
    ]
