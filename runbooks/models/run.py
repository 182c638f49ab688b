from django.conf import settings
from django.db import models

from runbooks.models.runbook import Runbook


class RunbookRun(models.Model):
    """One use of a runbook; its steps are stamped, so an edit doesn't change what was done."""

    runbook = models.ForeignKey(Runbook, on_delete=models.PROTECT, related_name="runs")
    runbook_version = models.PositiveIntegerField()
    steps = models.JSONField(help_text="[{text, detail}] as they were")
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.runbook} from {self.started_at:%Y-%m-%d %H:%M}"


class StepTick(models.Model):
    """A step ticked off, by whom and when. Unticking deletes it; the timeline keeps both."""

    run = models.ForeignKey(RunbookRun, on_delete=models.CASCADE, related_name="ticks")
    position = models.PositiveSmallIntegerField(help_text="Index into the run's steps, from 0")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="step_ticked_once")]

    def __str__(self) -> str:
        return f"{self.run_id} step {self.position}"
