from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rotas.choices import RunState, outcome_choices, run_state_choices
from rotas.models.policy import EscalationPolicy


class EscalationRun(models.Model):
    """One policy being walked for one subject (kind + ref). Terms are stamped: the policy may change or go.

    `step` is the index of the next step to call and `round` counts the walks from 0. While RUNNING,
    `next_at` is when that step is due. PAUSED keeps the `rest` of the wait, exactly. WATCHING was acknowledged:
    at `next_at` somebody looks whether anything was written since, and else it calls again.
    """

    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    policy = models.ForeignKey(EscalationPolicy, null=True, on_delete=models.SET_NULL, related_name="runs")
    policy_name = models.CharField(max_length=120)
    terms = models.JSONField(
        help_text="Steps, waits, targets, repeats and fallback, as they were at the start"
    )
    state = models.CharField(max_length=10, choices=run_state_choices, default=RunState.RUNNING)
    step = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    rest = models.DurationField(null=True, help_text="What is left of the wait while paused")
    wait_left = models.PositiveIntegerField(null=True, help_text="The same in whole seconds, for people")
    # The last three have defaults in the database: a process of the release before inserts rows without them.
    paused_for = ArrayField(
        models.CharField(max_length=80),
        default=list,
        db_default=[],
        help_text="Why it is paused, each reason",
    )
    said = ArrayField(
        models.TextField(), default=list, db_default=[], help_text="Remarks that the timeline has had"
    )
    failures = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Errors in a row")
    started_at = models.DateTimeField()
    revived_at = models.DateTimeField(
        null=True, help_text="When it was last set going again: what was said and found before counts no more"
    )
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="running"), name="run_due"),
            models.Index(fields=["next_at"], condition=Q(state="watching"), name="run_due_watched"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="run_subject"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state__in=["running", "paused", "watching"]),
                name="one_live_run_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "watching"], next_at__isnull=False)
                | (~Q(state__in=["running", "watching"]) & Q(next_at__isnull=True)),
                name="run_due_while_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_name} for {self.subject_kind} {self.subject_id}"


class Call(models.Model):
    """One step of one run having happened, once: (run, round, step, user)."""

    run = models.ForeignKey(EscalationRun, on_delete=models.CASCADE, related_name="calls")
    round = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=outcome_choices)
    at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True, help_text="e.g. on call of L1 follow-the-sun")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["user", "-at"], name="call_by_user"),
            models.Index(fields=["-at"], name="call_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "round", "step", "user"], name="call_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.user_id or ''}"
