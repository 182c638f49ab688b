from django.db import models


class ClockShift(models.Model):
    """How far a journey has moved time forward. One row, and only where the test clock is on."""

    shift = models.DurationField()

    def __str__(self) -> str:
        return f"+{self.shift}"
