"""Doorbells."""

from celery import shared_task

from core import engines
from monitoring.domain.intake import tick

INTAKE = engines.register("intake", label="Alert intake", task="monitoring.tasks.intake")


@shared_task(name=INTAKE.task)  # type: ignore[untyped-decorator]
def intake() -> int:
    """Read the posts that wait."""
    return engines.run(INTAKE, tick)
