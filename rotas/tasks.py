"""Doorbells."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core import clock, engines, nudge
from rotas.domain import covering, duty, leave_calendars
from rotas.domain.escalation import DOORBELL, tick
from rotas.queries import cover as covered
from rotas.queries import waiting

ESCALATION = engines.register(
    "escalation",
    label=_("Escalation"),
    task=DOORBELL,
    every=0.5,
    # 2: steps have conditions, runs watch what was acknowledged; 3: steps are put in by hand
    version=3,
    meaning=_("Incidents are opened, but nobody is called."),
    waiting=waiting.waiting,
    stuck_rows=waiting.stuck_rows,
    order=40,
)


@shared_task(name=ESCALATION.task)  # type: ignore[untyped-decorator]
def escalate() -> int:
    """Call who is due to be called."""
    return engines.run(ESCALATION, tick)


COVER = engines.register(
    "cover",
    label=_("Cover"),
    task=covering.DOORBELL,
    every=5.0,
    stale_after=60.0,
    meaning=_("Who is on call is right, but calendars and the record of who was fall behind."),
    waiting=covered.waiting,
    overdue_after=900.0,
    order=60,
)


@shared_task(name=COVER.task)  # type: ignore[untyped-decorator]
def cover() -> int:
    """Write down who is on call, and tell who is next."""
    return engines.run(COVER, lambda now: covering.tick(now) + duty.tick(now))


# In the courier, as it waits for other people's servers. No engine: nobody is called late where it stands still.
@shared_task(name=leave_calendars.DOORBELL)  # type: ignore[untyped-decorator]
def read_leave_calendars() -> int:
    """Read people's own calendars for their leave."""
    nudge.heard(leave_calendars.DOORBELL)
    return leave_calendars.tick(clock.now())
