from django.db import models


class EngineTick(models.Model):
    """The last beat of one engine, and the newest version of its code that is at work."""

    name = models.CharField(max_length=40, primary_key=True)
    # a default in the database too: a process of the release before inserts rows without it
    version = models.PositiveIntegerField(default=1, db_default=1)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    worked = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name
