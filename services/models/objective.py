from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.validators import validate_zone
from services.choices import (
    BudgetState,
    BudgetWindow,
    Direction,
    Indicator,
    budget_state_choices,
    budget_window_choices,
    direction_choices,
    indicator_choices,
)
from services.models.mlmodel import MLModel
from services.models.service import Service

# Impossible to keep (100 %) and nothing to keep (0 %) leave no budget to reckon with.
LEAST_TARGET, MOST_TARGET = Decimal("0.001"), Decimal("99.999")


class Objective(models.Model):
    """A service level objective: which part of its time or its events shall be good, over which window.

    What is left of 100 % is the error budget (`services.domain.budget`). `availability` counts the impact windows of
    its service, `events` and `samples` what programs post into buckets. It is switched off, never deleted.
    """

    slug = models.SlugField(unique=True, max_length=63, help_text="Its name in alerts, addresses and OpenSLO")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="objectives")
    model = models.ForeignKey(
        MLModel, null=True, blank=True, on_delete=models.SET_NULL, related_name="objectives",
        verbose_name="ML model",
    )  # fmt: skip
    name = models.CharField(max_length=120, help_text="What is promised, such as “Answers within 300 ms”")
    description = models.CharField(max_length=1000, blank=True)
    indicator = models.CharField(max_length=12, choices=indicator_choices, default=Indicator.EVENTS)
    unit = models.CharField(
        max_length=20, blank=True, help_text="Of events (requests) or measured values (ms)"
    )
    direction = models.CharField(max_length=8, choices=direction_choices, blank=True)
    threshold = models.FloatField(
        null=True, blank=True, help_text="Measured values on the right side of it are good"
    )
    target = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        validators=[MinValueValidator(LEAST_TARGET), MaxValueValidator(MOST_TARGET)],
        help_text="Percent that shall be good, such as 99.9",
    )
    window = models.CharField(max_length=16, choices=budget_window_choices, default=BudgetWindow.ROLLING_28D)
    zone = models.CharField(
        max_length=64, validators=[validate_zone], default="UTC", help_text="Whose months and days"
    )
    at_risk_percent = models.PositiveSmallIntegerField(
        default=75,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text="At risk once so much of the budget is spent",
    )
    policy = models.TextField(
        blank=True,
        max_length=4000,
        help_text="What happens when the budget is at risk, and when it is exhausted",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    excludes_maintenance = models.BooleanField(
        default=True, help_text="Planned maintenance does not count (time up only)"
    )
    burn_alerts = models.BooleanField(default=True, help_text="Whether spending it fast raises alerts")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # As it stood when the tick last looked: lists are ordered and filtered by it, figures are reckoned when asked.
    state = models.CharField(
        max_length=10, choices=budget_state_choices, default=BudgetState.NO_DATA, editable=False
    )
    spent_permille = models.BigIntegerField(
        default=-1, editable=False, help_text="Of the budget; -1 where nothing was counted"
    )
    stood_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["service", "is_active"], name="objective_by_service"),
            models.Index(fields=["-spent_permille", "id"], name="objective_worst"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(target__gte=LEAST_TARGET, target__lte=MOST_TARGET), name="objective_target_range"
            ),
            models.CheckConstraint(
                condition=Q(at_risk_percent__gte=1, at_risk_percent__lte=99), name="objective_at_risk_range"
            ),
            models.CheckConstraint(
                condition=Q(indicator=Indicator.SAMPLES, threshold__isnull=False, direction__in=Direction.values)
                | (~Q(indicator=Indicator.SAMPLES) & Q(threshold__isnull=True, direction="")),
                name="objective_threshold_for_samples",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.slug

    @property
    def counts_time(self) -> bool:
        """Whether its budget is time; else events."""
        return self.indicator == Indicator.AVAILABILITY

    @property
    def bound(self) -> str:
        """On which side of what a value is good: "≤ 300 ms"; "" where nothing is measured."""
        if self.threshold is None:
            return ""
        return f"{Direction(self.direction).sign} {self.threshold:g} {self.unit}".strip()

    @property
    def target_words(self) -> str:
        """The target without idle zeros: "99.9"."""
        return f"{self.target.normalize():f}"


class IndicatorBucket(models.Model):
    """Good and all events of an objective in five minutes that begin at `starts_at` (UTC). Posts add to it."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="buckets", db_index=False)
    starts_at = models.DateTimeField()
    good = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["objective", "starts_at"]
        indexes = [models.Index(fields=["starts_at"], name="bucket_age")]
        constraints = [
            # The counts lie in the index, so that a sum reads nothing else.
            models.UniqueConstraint(
                fields=["objective", "starts_at"], include=["good", "total"], name="bucket_once"
            ),
            models.CheckConstraint(condition=Q(good__gte=0, good__lte=F("total")), name="bucket_good_of_total"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.good} of {self.total} from {self.starts_at:%Y-%m-%d %H:%M}"


class ObjectiveBurn(models.Model):
    """One rung of one objective: whether the budget burns that fast. A row with a due time.

    `integration_id` is the door (`monitoring.Integration`) through which its alert came, so that it ends through the
    same; `episodes` counts how often it began, and with it names each alert's post.
    """

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="burns", db_index=False)
    rung = models.CharField(max_length=4)
    is_firing = models.BooleanField(default=False)
    since = models.DateTimeField(null=True, help_text="Since when it is as it is")
    episodes = models.PositiveIntegerField(default=0)
    integration_id = models.BigIntegerField(null=True)
    next_at = models.DateTimeField(null=True, help_text="When it is looked at again; empty: never")

    class Meta:
        ordering = ["objective", "pk"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="burn_due"),
        ]
        constraints = [models.UniqueConstraint(fields=["objective", "rung"], name="burn_once")]

    def __str__(self) -> str:
        return f"{self.objective_id} {self.rung}"
