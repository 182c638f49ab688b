from django.conf import settings
from django.db import models

from notifications.choices import Urgency, channel_choices, urgency_choices


class PersonalRule(models.Model):
    """Which channel, in which order, with which delay, for a person. Nobody's list is empty: see the defaults."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_rules"
    )
    urgency = models.CharField(max_length=10, choices=urgency_choices, default=Urgency.URGENT)
    channel = models.CharField(max_length=16, choices=channel_choices)
    contact = models.ForeignKey(
        "notifications.ContactPoint",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="rules",
        help_text="Empty: the channel's usual address, such as the account's e-mail",
    )
    delay_minutes = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["urgency", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "urgency", "channel"],
                condition=models.Q(contact__isnull=True),
                name="personal_rule_once",
            ),
            models.UniqueConstraint(
                fields=["user", "urgency", "contact"],
                condition=models.Q(contact__isnull=False),
                name="personal_rule_contact_once",
            ),
            models.CheckConstraint(condition=models.Q(delay_minutes__lte=120), name="personal_delay_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} after {self.delay_minutes} min"
