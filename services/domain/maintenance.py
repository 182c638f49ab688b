"""Planned work: planned, announced, cancelled."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from core.errors import IllegalState, Invalid
from core.instants import check_known
from core.types import Actor
from services.models import MaintenanceWindow, Service

LONGEST = timedelta(days=31)
# How long after its end work may still be written down as planned: nobody shall mend last month's numbers.
AFTERWARDS = timedelta(days=7)
MOST_SERVICES = 50


@transaction.atomic
def plan(
    services: Sequence[Service],
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
    announced: bool = False,
    note: str = "",
) -> MaintenanceWindow:
    """Write planned work down. Announced work counts as told to the clients at `now`.

    Raises Invalid, with the fields at fault, for no service, no title, a stretch that is backward, longer than 31 days
    or over for more than a week, and for work announced after it began.
    """
    check_known("starts_at", starts_at)
    check_known("ends_at", ends_at)
    faults = _faults(services, title, starts_at, ends_at, now)
    if announced and starts_at < now:
        faults["announced"] = "It has begun: what was not said before is not announced."
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)
    window = MaintenanceWindow.objects.create(
        title=" ".join(title.split())[:120],
        starts_at=starts_at,
        ends_at=ends_at,
        announced=announced,
        announced_at=now if announced else None,
        note=note.strip()[:2000],
        created_by=actor.user if isinstance(actor.user, User) else None,
        created_at=now,
    )
    window.services.set(services)
    _record("maintenance.plan", window, services, actor, now)
    return window


@transaction.atomic
def announce(window: MaintenanceWindow, *, actor: Actor, now: datetime) -> MaintenanceWindow:
    """The clients were told. Nothing happens where they were already. Raises IllegalState once it began."""
    window = _locked(window)
    if window.announced:
        return window
    if window.cancelled_at is not None or window.starts_at <= now:
        raise IllegalState(
            "It has begun or is cancelled: it can't be announced any more.", code="maintenance_begun"
        )
    window.announced, window.announced_at = True, now
    window.save(update_fields=["announced", "announced_at"])
    _record("maintenance.announce", window, window.services.all(), actor, now)
    return window


@transaction.atomic
def cancel(window: MaintenanceWindow, *, actor: Actor, now: datetime) -> MaintenanceWindow:
    """It won't be. One that is under way ends now and keeps what has been; a cancelled one stays as it is.

    Raises IllegalState for one that is over.
    """
    window = _locked(window)
    if window.cancelled_at is not None:
        return window
    if window.ends_at <= now:
        raise IllegalState("It is over. What was, stays on record.", code="maintenance_over")
    if window.starts_at < now:
        window.ends_at = now
        window.save(update_fields=["ends_at"])
    else:
        window.cancelled_at = now
        window.save(update_fields=["cancelled_at"])
    _record("maintenance.cancel", window, window.services.all(), actor, now)
    return window


def _faults(
    services: Sequence[Service], title: str, starts_at: datetime, ends_at: datetime, now: datetime
) -> dict[str, str]:
    faults = {}
    if not 0 < len(services) <= MOST_SERVICES:
        faults["services"] = f"Name 1 to {MOST_SERVICES} services."
    if not title.strip():
        faults["title"] = "Say in a few words what is done."
    if ends_at <= starts_at:
        faults["ends_at"] = "The end lies after the beginning."
    elif ends_at - starts_at > LONGEST:
        faults["ends_at"] = f"Planned work lasts at most {LONGEST.days} days; plan it in parts."
    elif ends_at < now - AFTERWARDS:
        faults["ends_at"] = f"It ended more than {AFTERWARDS.days} days ago; those numbers stand."
    return faults


def _locked(window: MaintenanceWindow) -> MaintenanceWindow:
    return MaintenanceWindow.objects.select_for_update().get(pk=window.pk)


def _record(
    action: str, window: MaintenanceWindow, services: Iterable[Service], actor: Actor, now: datetime
) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="maintenancewindow",
        subject_id=window.pk,
        subject_name=window.title,
        detail={
            "services": [service.slug for service in services],
            "from": window.starts_at.isoformat(),
            "to": window.ends_at.isoformat(),
            "announced": window.announced,
        },
    )
