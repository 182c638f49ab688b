from django.db import models

from incidents.models.incident import Incident
from monitoring.models import Alert
from runbooks.models import RunbookRun


class IncidentAlert(models.Model):
    """An alert that belongs to an incident. The same alert may fire again into a later one."""

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="alert_links", db_index=False
    )
    # Without a constraint, as transitions: in a storm they are written by the hundred.
    alert = models.ForeignKey(
        Alert, on_delete=models.PROTECT, related_name="incident_links", db_constraint=False
    )
    linked_at = models.DateTimeField()

    class Meta:
        ordering = ["linked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "alert"], name="incident_alert_once")]

    def __str__(self) -> str:
        return f"{self.alert_id} in {self.incident_id}"


class IncidentRunbook(models.Model):
    """A runbook being followed for an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="runbook_links")
    run = models.OneToOneField(RunbookRun, on_delete=models.CASCADE, related_name="incident_link")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.run_id} for {self.incident_id}"
