from django.db import models


class SignInAttempt(models.Model):
    """Failed sign-ins by account and by address; a lock-out is a row with `locked_until`."""

    key = models.CharField(max_length=300, unique=True, help_text="email:… or address:…")
    failures = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key
