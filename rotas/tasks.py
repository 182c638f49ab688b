"""Doorbells."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core import engines
from rotas.domain.escalation import DOORBELL, tick
from rotas.queries import waiting

ESCALATION = engines.register(
    "escalation",
    label=_("Escalation"),
    task=DOORBELL,
    meaning=_("Incidents are opened, but nobody is called."),
    waiting=waiting.waiting,
    stuck_rows=waiting.stuck_rows,
    order=40,
)


@shared_task(name=ESCALATION.task)  # type: ignore[untyped-decorator]
def escalate() -> int:
    """Call who is due to be called."""
    return engines.run(ESCALATION, tick)
