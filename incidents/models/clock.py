from django.db import models
from django.db.models import Q

from incidents.choices import ClockState, clock_state_choices
from incidents.models.incident import Incident
from services.choices import promise_choices


class Clock(models.Model):
    """One promise being counted, with its terms as they were at the start.

    Times are UTC instants; `target_seconds` is business time by the stamped `hours`. `next_at` is the
    next thing to happen (warning, then breach) and is empty while paused, met or cancelled. A first
    breach stays: `breached_at` is never cleared.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=12, choices=promise_choices)
    state = models.CharField(max_length=10, choices=clock_state_choices, default=ClockState.RUNNING)
    agreement_name = models.CharField(max_length=120)
    severity = models.CharField(max_length=4)
    target_seconds = models.PositiveIntegerField()
    warn_percent = models.PositiveSmallIntegerField()
    pausable = models.BooleanField(default=True)
    hours = models.JSONField(help_text="The calendar as it was: zone, frames, holidays, exceptions")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="As things stand; while paused, as it was when the pause began")
    warn_at = models.DateTimeField(null=True)
    pauses = models.JSONField(default=list, help_text="[[from, to], …] ISO instants, the last may be open")
    paused_at = models.DateTimeField(null=True)
    left_seconds = models.IntegerField(null=True, help_text="Business seconds left while paused")
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    cycle = models.PositiveSmallIntegerField(
        default=1, help_text="Grows when a reopened incident starts a new count"
    )

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="clock_due"),
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=["running", "paused"]), name="clock_live"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=Q(state__in=["running", "paused"]),
                name="one_live_clock_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="running") | Q(next_at__isnull=True), name="clock_due_while_running"
            ),
            models.CheckConstraint(
                condition=~Q(state="paused") | Q(paused_at__isnull=False, left_seconds__isnull=False),
                name="paused_clock_knows_its_rest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.incident_id}"


class ClockCheck(models.Model):
    """One look at the promises: each was told again from its incident's timeline and compared with what is stored.

    `found` names at most the first 100 that differ: [{"incident": ref, "kind": …, "fields": […]}, …].
    """

    at = models.DateTimeField()
    checked = models.PositiveIntegerField()
    drifted = models.PositiveIntegerField()
    found = models.JSONField(default=list)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["at"], name="clock_check_newest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} UTC: {self.drifted} of {self.checked} differ"
