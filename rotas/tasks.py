"""Doorbells."""

from celery import shared_task

from core import engines
from rotas.domain.escalation import DOORBELL, tick

ESCALATION = engines.register("escalation", label="Escalation", task=DOORBELL)


@shared_task(name=ESCALATION.task)  # type: ignore[untyped-decorator]
def escalate() -> int:
    """Call who is due to be called."""
    return engines.run(ESCALATION, tick)
