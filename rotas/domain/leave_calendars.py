"""Leave from an address: a person's own calendar, read every hour until they take the address away.

A tick claims what is due before it asks other people's servers, and holds no transaction meanwhile. What can't be read says why
on the leave page, and changes no leave.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.crypto import seal, unseal
from core.errors import IllegalState, Invalid
from core.nudge import nudge
from core.types import Actor, person
from rotas.domain.ical_reading import MOST_BYTES
from rotas.domain.leave_import import import_leave
from rotas.models import LeaveCalendar
from rotas.rules import can_be_on_call
from rotas.sources.web_calendar import SECONDS, NoAddressError, UnreadError, checked, fetch

log = logging.getLogger(__name__)
DOORBELL: Final = "rotas.tasks.leave_calendars"
EVERY: Final = timedelta(hours=1)


@transaction.atomic
def keep_calendar(user: User, address: str, *, actor: Actor, now: datetime) -> LeaveCalendar:
    """Read the person's leave from this address from now on, instead of any other; at once for the first time.

    `webcal` is https. Raises Invalid, with the field, for what is no http or https URL.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    try:
        address, host = checked(address)
    except NoAddressError as error:
        raise _invalid(str(error)) from error
    made, _new = LeaveCalendar.objects.update_or_create(
        user=user,
        defaults={
            "address_sealed": seal(address),
            "hint": host,
            "created_at": now,
            "next_at": now,
            "tried_at": None,
            "read_at": None,
            "error": "",
        },
    )
    _record("leave.calendar_kept", made, actor, now)
    nudge(DOORBELL)
    return made


@transaction.atomic
def drop_calendar(user: User, *, actor: Actor, now: datetime) -> None:
    """Read it no more. Leave that came from it stays. Raises IllegalState where there is none."""
    found = LeaveCalendar.objects.select_for_update(of=("self",)).filter(user=user).first()
    if found is None:
        raise IllegalState("No calendar is read for you.", code="no_calendar")
    _record("leave.calendar_dropped", found, actor, now)
    found.delete()


@transaction.atomic
def read_soon(user: User, *, now: datetime) -> None:
    """Read it again at once. Raises IllegalState where there is none."""
    if not LeaveCalendar.objects.filter(user=user).update(next_at=now):
        raise IllegalState("No calendar is read for you.", code="no_calendar")
    nudge(DOORBELL)


def tick(now: datetime, limit: int = 4, seconds: float = SECONDS) -> int:
    """Read the calendars that are due; how many. One that fails is tried again when its next turn comes."""
    due = LeaveCalendar.objects.filter(next_at__lte=now).order_by("next_at", "pk")
    read = 0
    for pk, next_at in list(due.values_list("pk", "next_at")[:limit]):
        # claimed before the network is asked: whoever comes second finds it not due
        claimed = LeaveCalendar.objects.filter(pk=pk, next_at=next_at)
        if claimed.update(next_at=now + EVERY, tried_at=now) == 1:
            _read_one(pk, now, seconds)
            read += 1
    return read


def _read_one(pk: int, now: datetime, seconds: float) -> None:
    found = LeaveCalendar.objects.select_related("user__site").filter(pk=pk).first()
    if found is None or not can_be_on_call(found.user):
        return
    try:
        text = fetch(unseal(found.address_sealed), most=MOST_BYTES, seconds=seconds)
        _take_over(found, text, now)
    except UnreadError as refusal:
        _failed(found, str(refusal))
    except Invalid as refusal:
        _failed(found, refusal.message)
    except Exception:
        log.exception("the leave calendar of person %s can't be taken over", found.user_id)
        _failed(found, "it could not be taken over. Tell whoever runs the portal.")


@transaction.atomic
def _take_over(found: LeaveCalendar, text: bytes, now: datetime) -> None:
    """Import what was read, unless the address was changed or taken away meanwhile."""
    rows = LeaveCalendar.objects.select_for_update(of=("self",))
    if rows.filter(pk=found.pk, address_sealed=found.address_sealed).first() is None:
        return
    import_leave(found.user, text, actor=person(found.user, via="calendar"), now=now)
    LeaveCalendar.objects.filter(pk=found.pk).update(read_at=now, error="")


def _failed(found: LeaveCalendar, words: str) -> None:
    rows = LeaveCalendar.objects.filter(pk=found.pk, address_sealed=found.address_sealed)
    rows.update(error=words[:300])


def _invalid(words: str) -> Invalid:
    return Invalid(words, fields={"address": words})


def _record(action: str, calendar: LeaveCalendar, actor: Actor, now: datetime) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="leave",
        subject_id=calendar.pk,
        subject_name=str(calendar),
        detail={"host": calendar.hint},
    )
