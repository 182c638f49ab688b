from django.db import models


class IdempotentAnswer(models.Model):
    """The answer given to a POST with an `Idempotency-Key`, so that asking again changes nothing.

    A leaf: `owner` is the caller's id without a foreign key; rows expire.
    """

    owner = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="idempotent_once")]

    def __str__(self) -> str:
        return self.key
