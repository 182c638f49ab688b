from django.db import models

from incidents.models import Incident
from integrations.models.import_run import ImportRun


class ExternalRef(models.Model):
    """The key by which another system knows an incident: a number of ServiceNow, an issue of Jira.

    One key of one system is one incident here; an incident may be known to several systems. `url` leads
    to it there, where that is known; `import_run` is the run that took it over, if one did.
    """

    system = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    url = models.URLField(max_length=500, blank=True)
    import_run = models.ForeignKey(ImportRun, null=True, on_delete=models.PROTECT, related_name="refs")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["system", "key"]
        constraints = [models.UniqueConstraint(fields=["system", "key"], name="external_key_once")]

    def __str__(self) -> str:
        return f"{self.system} {self.key}"
