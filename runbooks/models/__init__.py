from runbooks.models.run import RunbookRun, StepTick
from runbooks.models.runbook import Runbook, RunbookStep

__all__ = ["Runbook", "RunbookRun", "RunbookStep", "StepTick"]
