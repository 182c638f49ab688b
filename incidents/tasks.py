"""Doorbells: whoever rings twice hears the same answer."""

from celery import shared_task

from core import engines
from incidents.domain import clocks as clock_engine
from incidents.domain import intake as intake_engine

INTAKE = engines.register("incidents", label="Incidents", task="incidents.tasks.intake")
CLOCKS = engines.register("clocks", label="SLA clocks", task="incidents.tasks.clocks")


@shared_task
def intake() -> None:
    """Turn what monitoring left into incidents."""
    engines.run(INTAKE, intake_engine.tick)


@shared_task
def clocks() -> None:
    """Warn and breach what is due."""
    engines.run(CLOCKS, clock_engine.tick)
