from django.db import models

from integrations.choices import ImportState, import_kind_choices, import_state_choices


class ImportRun(models.Model):
    """One import of one file: who, when, from where, and what came of each of its rows.

    `rows_read` counts rows of the file, `rows_rejected` those left out; `incidents_made` and
    `incidents_known` count incidents: new ones, and those that an earlier run has taken over already.
    """

    kind = models.CharField(max_length=12, choices=import_kind_choices)
    system = models.CharField(max_length=40, help_text="The name under which keys of this file are kept")
    state = models.CharField(max_length=12, choices=import_state_choices, default=ImportState.RUNNING)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file as it lay there")
    by = models.CharField(max_length=160, help_text="E-mail address, or the account of the operating system")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    rows_read = models.PositiveBigIntegerField(default=0)
    rows_rejected = models.PositiveBigIntegerField(default=0)
    incidents_made = models.PositiveBigIntegerField(default=0)
    incidents_known = models.PositiveBigIntegerField(default=0)
    rejects_path = models.CharField(max_length=500, blank=True, help_text="Where the rejected rows stand")
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"Import {self.pk} of {self.file_name}"
