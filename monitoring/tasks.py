"""Doorbells."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core import engines
from monitoring.domain.intake import tick
from monitoring.queries import waiting

INTAKE = engines.register(
    "intake",
    label=_("Alert intake"),
    task="monitoring.tasks.intake",
    meaning=_("New alerts are kept but not read."),
    waiting=waiting.waiting,
    order=10,
    stuck_rows=waiting.stuck_rows,
)


@shared_task(name=INTAKE.task)  # type: ignore[untyped-decorator]
def intake() -> int:
    """Read the posts that wait."""
    return engines.run(INTAKE, tick)
