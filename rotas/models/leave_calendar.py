from django.conf import settings
from django.db import models


class LeaveCalendar(models.Model):
    """The address of a person's own calendar, from which their leave is read again and again.

    The address is sealed (whoever has it reads the calendar); `hint` is the host, which is shown. `read_at` is when it was last
    read and taken over, `error` why the last try failed: empty where it did not.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="leave_calendar"
    )
    address_sealed = models.TextField()
    hint = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(db_index=True, help_text="When it is read next")
    tried_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["next_at", "pk"]

    def __str__(self) -> str:
        return f"{self.user}: {self.hint}"
