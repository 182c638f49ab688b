"""Doorbells: whoever rings twice hears the same answer."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core import clock as wall_clock
from core import engines
from incidents.domain import checking, replanning
from incidents.domain import clocks as clock_engine
from incidents.domain import intake as intake_engine
from incidents.queries import waiting

INTAKE = engines.register(
    "incidents",
    label=_("Incidents"),
    task="incidents.tasks.intake",
    meaning=_("Alerts are read, but open and end no incident."),
    waiting=waiting.changes_waiting,
    order=20,
)
CLOCKS = engines.register(
    "clocks",
    label=_("SLA clocks"),
    task="incidents.tasks.clocks",
    every=0.5,
    version=2,  # rows have rungs and legs
    meaning=_("Promises are counted, but nobody is warned of those that run out."),
    waiting=waiting.clocks_waiting,
    stuck_rows=waiting.clocks_stuck,
    order=30,
)


@shared_task
def intake() -> None:
    """Turn what monitoring left into incidents."""
    engines.run(INTAKE, intake_engine.tick)


@shared_task
def clocks() -> None:
    """Warn and breach what is due; where nothing is, apply new terms that somebody asked for."""
    engines.run(CLOCKS, lambda now: clock_engine.tick(now) or replanning.tick(now))


@shared_task
def check_promises() -> None:
    """Tell the promises again from the timeline, once a night; rung each hour."""
    now = wall_clock.now()
    if checking.is_due(now):
        checking.check(now)
