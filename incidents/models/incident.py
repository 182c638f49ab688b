from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from core.instants import EARLIEST, LATEST
from incidents.choices import (
    OPEN_STATES,
    State,
    impact_choices,
    resolution_choices,
    source_choices,
    state_choices,
    urgency_choices,
)
from services.choices import party_choices, severity_choices
from services.models import ModelVersion, Service

# Characters: portal and API take as many, or what one wrote the other could not edit.
MAX_SUMMARY = 20_000
_OPEN = Q(state__in=[state.value for state in OPEN_STATES])


class Incident(models.Model):
    """What a person must end.

    `version` grows with every write (optimistic concurrency). `next_due_at`, `last_entry` and
    `last_entry_at` are kept by the verbs, so that lists need no look-ups.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="incidents")
    model_version = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    state = models.CharField(max_length=14, choices=state_choices, default=State.NEW)
    severity = models.CharField(max_length=4, choices=severity_choices)
    impact = models.CharField(max_length=6, choices=impact_choices, blank=True)
    urgency = models.CharField(max_length=6, choices=urgency_choices, blank=True)
    severity_reason = models.CharField(
        max_length=300, blank=True, help_text="Why it differs from what impact and urgency give"
    )
    source = models.CharField(max_length=8, choices=source_choices)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="owned_incidents",
    )
    party = models.CharField(
        max_length=14, choices=party_choices, default="l1", help_text="Who holds the work now"
    )
    hold_party = models.CharField(
        max_length=14, choices=party_choices, blank=True, help_text="Whom a hold waits for"
    )
    hold_reason = models.CharField(max_length=300, blank=True)
    resolution = models.CharField(max_length=12, choices=resolution_choices, blank=True)
    resolution_note = models.TextField(blank=True)

    started_at = models.DateTimeField(help_text="When it began to hurt")
    detected_at = models.DateTimeField(help_text="When we came to know")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    mitigated_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(help_text="When the record was opened here")
    reopened_count = models.PositiveSmallIntegerField(default=0)

    next_due_at = models.DateTimeField(null=True, blank=True, help_text="The soonest promise still counting")
    last_entry = models.CharField(max_length=200, blank=True)
    last_entry_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="incident_newest"),
            models.Index(fields=["severity", "opened_at", "id"], condition=_OPEN, name="incident_open"),
            models.Index(fields=["next_due_at", "id"], condition=_OPEN, name="incident_open_due"),
            models.Index(fields=["service", "-opened_at", "-id"], name="incident_by_service"),
            models.Index(fields=["state", "-opened_at", "-id"], name="incident_by_state"),
            models.Index(fields=["owner", "-opened_at", "-id"], name="incident_by_owner"),
            models.Index(fields=["source", "-opened_at", "-id"], name="incident_by_source"),
            GinIndex(fields=["search"], name="incident_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["resolved", "closed"]) | Q(resolution__gt=""),
                name="resolved_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(state="on_hold") | Q(hold_party__gt=""), name="hold_says_for_whom"
            ),
            # PostgreSQL keeps years that Python can't read: one such row would fail every page that shows it.
            models.CheckConstraint(
                condition=Q(started_at__gte=EARLIEST, started_at__lt=LATEST),
                name="incident_started_in_known_years",
            ),
            models.CheckConstraint(
                condition=Q(detected_at__gte=EARLIEST, detected_at__lt=LATEST),
                name="incident_detected_in_known_years",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ref(self) -> str:
        """INC-1042; none before it is saved."""
        return f"INC-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
