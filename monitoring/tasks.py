"""Doorbells."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core import engines
from monitoring.domain import burn
from monitoring.domain.intake import BATCH, tick
from monitoring.queries import waiting

INTAKE = engines.register(
    "intake",
    label=_("Alert intake"),
    task="monitoring.tasks.intake",
    meaning=_("New alerts are kept but not read."),
    waiting=waiting.waiting,
    order=10,
    stuck_rows=waiting.stuck_rows,
    full=BATCH,
)


@shared_task(name=INTAKE.task)  # type: ignore[untyped-decorator]
def intake() -> int:
    """Read the posts that wait."""
    return engines.run(INTAKE, tick)


BURN = engines.register(
    "burn",
    label=_("Error budgets"),
    task=burn.DOORBELL,
    every=5.0,
    stale_after=60.0,
    meaning=_("Error budgets may burn and nobody hears of it."),
    waiting=waiting.burning,
    overdue_after=600.0,
    order=65,
)


@shared_task(name=BURN.task)  # type: ignore[untyped-decorator]
def look_at_budgets() -> int:
    """Look how fast error budgets burn."""
    return engines.run(BURN, burn.tick)
