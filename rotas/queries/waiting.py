"""What the escalation engine has waiting."""

from datetime import datetime

from core.waiting import Waiting, due_of
from rotas.choices import RunState
from rotas.models import EscalationRun


def waiting(now: datetime) -> Waiting:
    """Runs whose next step is due."""
    running = EscalationRun.objects.filter(state=RunState.RUNNING)
    due, oldest = due_of(running.filter(next_at__lte=now), "next_at")
    coming = running.filter(next_at__gt=now).order_by("next_at").values_list("next_at", flat=True)
    return Waiting(due=due, oldest=oldest, next_due=coming.first())
