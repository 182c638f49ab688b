from django.conf import settings
from django.db import models
from django.db.models import Q

from notifications.choices import (
    MessageState,
    Urgency,
    channel_choices,
    message_state_choices,
    urgency_choices,
)


class Message(models.Model):
    """One thing for one person by one channel: a row before it is sent.

    `next_at` is when it is due next (to be sent, retried, or taken back from a sender that died);
    `holder` counts while it is being sent.
    An in-app message is the inbox row itself: delivered when SENT, read at `read_at`.
    A message of one event to one person by one route (channel, or one contact point of it) exists once:
    `dedup_key`, which ends in the route's key. Rows that left as one share `bundle`.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=16, choices=channel_choices)
    contact = models.ForeignKey(
        "notifications.ContactPoint",
        null=True,
        on_delete=models.SET_NULL,
        related_name="messages",
        help_text="Empty: the channel's usual address",
    )
    urgency = models.CharField(max_length=10, choices=urgency_choices, default=Urgency.ORDINARY)
    kind = models.CharField(max_length=40, help_text="what it says, e.g. incident.page")
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True, help_text="Path within the portal")
    about_kind = models.CharField(max_length=40, blank=True, help_text="e.g. incident")
    about_ref = models.CharField(max_length=40, blank=True, help_text="e.g. INC-1042")
    dedup_key = models.CharField(max_length=200, unique=True)
    bundle = models.CharField(
        max_length=40, blank=True, help_text="Identity of what it left in, from its first attempt"
    )
    data = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, choices=message_state_choices, default=MessageState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, help_text="Due time; empty once nothing more will happen")
    holder = models.IntegerField(null=True, help_text="Number of the process that has it in hand")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="message_due"),
            models.Index(
                fields=["recipient"],
                condition=Q(channel="in_app", state="sent", read_at__isnull=True),
                name="message_unread",
            ),
            models.Index(
                fields=["recipient", "channel", "sent_at"],
                condition=Q(sent_at__isnull=False) & ~Q(channel="in_app"),
                name="message_contact_sent",
            ),
            models.Index(fields=["bundle"], condition=~Q(bundle=""), name="message_bundle"),
            models.Index(fields=["holder"], condition=Q(state=MessageState.SENDING), name="message_in_hand"),
            models.Index(fields=["recipient", "channel", "-created_at", "-id"], name="message_inbox"),
            models.Index(fields=["-created_at", "-id"], name="message_newest"),
            models.Index(
                fields=["-created_at", "-id"], condition=Q(state=MessageState.FAILED), name="message_failed"
            ),
            models.Index(fields=["about_kind", "about_ref"], name="message_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sending"], next_at__isnull=False)
                | (~Q(state__in=["pending", "sending"]) & Q(next_at__isnull=True)),
                name="message_due_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.recipient_id}: {self.subject}"

    @property
    def event_key(self) -> str:
        """The event and the person: what its dedup key has before the route."""
        return self.dedup_key.rpartition(":")[0]

    @property
    def route_key(self) -> str:
        """The way to the person, e.g. email or webhook.12; also once that contact point is gone."""
        return self.dedup_key.rpartition(":")[2]
