from django.conf import settings
from django.db import models
from django.db.models import F, Q

from incidents.choices import (
    ClockState,
    CorrectionState,
    Verdict,
    clock_state_choices,
    correction_state_choices,
    replan_how_choices,
    verdict_choices,
)
from incidents.models.incident import Incident
from services.choices import (
    AgreementKind,
    OnReopen,
    OnSeverity,
    Party,
    TargetMode,
    agreement_kind_choices,
    on_reopen_choices,
    on_severity_choices,
    party_choices,
    promise_choices,
    target_mode_choices,
)
from services.models import Agreement, BusinessCalendar


class Clock(models.Model):
    """One promise being counted, with its terms as they were at the start.

    Times are UTC instants; `target_seconds` is business time by the stamped `hours`. `next_at` is the
    next thing to happen (warning, then breach) and is empty while paused, met or cancelled. A first
    breach stays: `breached_at` is never cleared.

    `basis` says whose promise it is: the SLA to the client, or the OLA or contract of a party (`provider`) that was handed the
    work. `stops_for` names the parties for which a hold stops it (none: any), `stops_with` those in whose hands it stands still.
    `legs` are the hours of before, each up to an instant, where they changed while it counted. `rungs` is the ladder of warnings
    as it was, `rungs_done` the places of those that were climbed, `rung_at` the next one's instant.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=12, choices=promise_choices)
    state = models.CharField(max_length=10, choices=clock_state_choices, default=ClockState.RUNNING)
    basis = models.CharField(
        max_length=3,
        choices=agreement_kind_choices,
        default=AgreementKind.SLA,
        db_default=AgreementKind.SLA,
    )
    provider = models.CharField(max_length=14, choices=party_choices, default=Party.L1, db_default=Party.L1)
    agreement = models.ForeignKey(
        Agreement, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=0, db_default=0, help_text="0: from before versions")
    agreement_name = models.CharField(max_length=120)
    severity = models.CharField(max_length=4)
    target_seconds = models.PositiveIntegerField()
    mode = models.CharField(
        max_length=13,
        choices=target_mode_choices,
        default=TargetMode.BUSINESS,
        db_default=TargetMode.BUSINESS,
    )
    days = models.PositiveSmallIntegerField(null=True, help_text="Business days, where it counts those")
    at = models.PositiveIntegerField(
        null=True, help_text="Seconds of the next business day, where it ends then"
    )
    warn_percent = models.PositiveSmallIntegerField()
    pausable = models.BooleanField(default=True)
    stops_for = models.JSONField(default=list, db_default=[])
    stops_with = models.JSONField(default=list, db_default=[])
    on_reopen = models.CharField(
        max_length=8, choices=on_reopen_choices, default=OnReopen.PAUSE, db_default=OnReopen.PAUSE
    )
    on_severity = models.CharField(
        max_length=9, choices=on_severity_choices, default=OnSeverity.KEEP, db_default=OnSeverity.KEEP
    )
    hours = models.JSONField(help_text="The calendar as it was: zone, frames, holidays, exceptions")
    legs = models.JSONField(default=list, db_default=[], help_text="[[until, hours], …], the oldest first")
    rungs = models.JSONField(default=list, db_default=[])
    rungs_done = models.JSONField(default=list, db_default=[])
    rung_at = models.DateTimeField(null=True)
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
    verdict = models.CharField(
        max_length=8,
        choices=verdict_choices,
        blank=True,
        default="",
        db_default="",
        help_text="What its breach counts as since two agreed to a correction",
    )
    is_new_cycle = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A promise of its own beside the counts before it; else it goes on from the one before",
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
                fields=["incident", "basis", "provider", "kind"],
                condition=Q(state__in=["running", "paused"]),
                name="one_live_clock_a_promise",
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


class ClockCorrection(models.Model):
    """A breach that is judged again: asked for with a reason, decided by another lead. What was counted stays written.

    `breached_at` is what the clock says; `verdict` what it shall count as. Nothing changes until it is agreed to.
    """

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="corrections")
    verdict = models.CharField(max_length=8, choices=verdict_choices, default=Verdict.KEPT)
    reason = models.CharField(max_length=500)
    breached_at = models.DateTimeField(help_text="The breach as it was counted")
    state = models.CharField(max_length=8, choices=correction_state_choices, default=CorrectionState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.CharField(max_length=500, blank=True, help_text="The decider's words")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["clock"],
                condition=Q(state__in=["asked", "agreed"]),
                name="one_correction_that_counts",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decided_correction_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="correction_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock}: {self.verdict}, {self.state}"


class Replanning(models.Model):
    """New terms or an edited calendar applied to promises that count already: asked for, worked through, told how far it is.

    Promises are worked by their keys from `after` on; `next_at` is empty once it is done.
    """

    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    calendar = models.ForeignKey(BusinessCalendar, null=True, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=9, choices=replan_how_choices)
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0, help_text="Those whose due time changed")
    skipped = models.PositiveIntegerField(default=0, help_text="Those that nothing holds for any more")
    after = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="replanning_due")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(agreement__isnull=False) | Q(calendar__isnull=False),
                name="replanning_is_about_something",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement or self.calendar}: {self.done} of {self.total}"

    @property
    def percent(self) -> int:
        """How much is done."""
        return 100 if not self.total else min(100, self.done * 100 // self.total)
