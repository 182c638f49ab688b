"""Following a runbook: start a run, tick its steps off, take a tick back."""

from datetime import datetime

from accounts.models import User
from core.errors import Invalid
from runbooks.models import Runbook, RunbookRun, StepTick


def start(runbook: Runbook, *, now: datetime) -> RunbookRun:
    """Begin to follow a runbook. Steps and version are copied: an edit doesn't change what was done."""
    return RunbookRun.objects.create(
        runbook=runbook,
        runbook_version=runbook.version,
        steps=[{"text": step.text, "detail": step.detail} for step in runbook.steps.all()],
        started_at=now,
    )


def tick(run: RunbookRun, position: int, *, user: User | None, now: datetime) -> bool:
    """Tick a step off (`position` counts from 0). False where it was ticked already: the first tick stays.

    Raises Invalid for a step that the run has not.
    """
    _check(run, position)
    _, created = StepTick.objects.get_or_create(
        run=run, position=position, defaults={"user": user, "at": now}
    )
    return created


def untick(run: RunbookRun, position: int) -> bool:
    """Take a tick back. False where there was none. Raises Invalid for a step that the run has not."""
    _check(run, position)
    deleted, _ = StepTick.objects.filter(run=run, position=position).delete()
    return deleted > 0


def _check(run: RunbookRun, position: int) -> None:
    if not 0 <= position < len(run.steps):
        raise Invalid("This runbook run has no such step.", fields={"position": f"0 to {len(run.steps) - 1}"})
