"""What parties promise one another: agreements, their versions, the targets and warnings of a version."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from core.instants import EARLIEST, LATEST
from services.choices import (
    AgreementKind,
    OnReopen,
    OnSeverity,
    Party,
    RungAct,
    RungUnit,
    RungWhom,
    TargetMode,
    VersionState,
    ZoneSource,
    agreement_kind_choices,
    on_reopen_choices,
    on_severity_choices,
    party_choices,
    promise_choices,
    rung_act_choices,
    rung_unit_choices,
    rung_whom_choices,
    severity_choices,
    target_mode_choices,
    tier_choices,
    version_state_choices,
    zone_source_choices,
)
from services.models.calendar import BusinessCalendar
from services.models.client import Client

MOST_DAYS = 400
MOST_MINUTES = MOST_DAYS * 24 * 60


class Agreement(models.Model):
    """A promise of one party to another: SLA to a client, OLA inside the house, UC of a partner. Its terms are versions."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=3, choices=agreement_kind_choices, default=AgreementKind.SLA)
    provider = models.CharField(
        max_length=14, choices=party_choices, default=Party.L1, help_text=_("Who promises")
    )
    provider_team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The team or partner that promises; empty: any of that party"),
    )
    receiver = models.CharField(
        max_length=14, choices=party_choices, default=Party.CLIENT, help_text=_("To whom")
    )
    client = models.ForeignKey(
        Client,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="agreements",
        help_text=_("The client it is made with, where it is one"),
    )
    is_default = models.BooleanField(
        default=False, help_text=_("For services that no other agreement of its kind and provider covers")
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "provider", "provider_team"],
                condition=Q(is_default=True),
                nulls_distinct=False,
                name="one_default_agreement_a_provider",
            ),
            models.CheckConstraint(
                condition=~Q(kind="sla") | Q(receiver="client"), name="sla_is_promised_to_the_client"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.kind == AgreementKind.SLA and self.receiver != Party.CLIENT:
            raise ValidationError({"receiver": _("An SLA is promised to the client.")})
        if self.kind != AgreementKind.SLA and self.provider in {Party.L1, Party.CLIENT}:
            raise ValidationError(
                {
                    "provider": _(
                        "Work begins with L1, and the client promises us nothing: name another party."
                    )
                }
            )


class AgreementScope(models.Model):
    """What an agreement covers: a service, or services of a client, of a tier, or of both. The narrowest that fits counts."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="scopes")
    service = models.ForeignKey(
        "services.Service", null=True, blank=True, on_delete=models.CASCADE, related_name="agreement_scopes"
    )
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    tier = models.PositiveSmallIntegerField(null=True, blank=True, choices=tier_choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "service", "client", "tier"],
                nulls_distinct=False,
                name="agreement_scope_once",
            ),
            models.CheckConstraint(
                condition=Q(service__isnull=False, client__isnull=True, tier__isnull=True)
                | Q(service__isnull=True, client__isnull=False)
                | Q(service__isnull=True, tier__isnull=False),
                name="scope_is_a_service_or_a_group",
            ),
        ]

    def __str__(self) -> str:
        if self.service_id:
            return str(self.service)
        parts = [str(self.client) if self.client_id else "", f"T{self.tier}" if self.tier else ""]
        return " ".join(filter(None, parts))

    def clean(self) -> None:
        if self.service_id and (self.client_id or self.tier):
            raise ValidationError(_("A service by itself needs neither client nor tier."))
        if not (self.service_id or self.client_id or self.tier):
            raise ValidationError(
                _("Name a service, a client or a tier. For everything make it the default.")
            )


class AgreementVersion(models.Model):
    """The terms of an agreement from one instant to another. A draft can be edited; what is published stays as it is.

    `valid_from` and `valid_to` are instants (UTC), half-open; an open end holds until the next version. Clocks carry a copy of
    the terms they began with.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=version_state_choices, default=VersionState.DRAFT)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    calendar = models.ForeignKey(
        BusinessCalendar, on_delete=models.PROTECT, related_name="agreement_versions"
    )
    zone_source = models.CharField(
        max_length=8,
        choices=zone_source_choices,
        default=ZoneSource.CALENDAR,
        help_text=_("In whose zone the calendar's hours are read"),
    )
    warn_percent = models.PositiveSmallIntegerField(
        default=75, help_text=_("Warn whoever has it in hand when this much of the time is used")
    )
    on_reopen = models.CharField(
        max_length=8,
        choices=on_reopen_choices,
        default=OnReopen.PAUSE,
        help_text=_("What a reopened incident does to the promise to resolve it"),
    )
    on_severity = models.CharField(
        max_length=9,
        choices=on_severity_choices,
        default=OnSeverity.KEEP,
        help_text=_("What another severity does to promises that count already"),
    )
    excludes_maintenance = models.BooleanField(
        default=True, help_text=_("Announced maintenance doesn't count as downtime")
    )
    credits_text = models.TextField(blank=True, help_text=_("What is owed where a goal is missed"))
    note = models.CharField(max_length=300, blank=True, help_text=_("What this version changes, and why"))
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    class Meta:
        ordering = ["agreement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
            models.CheckConstraint(
                condition=Q(warn_percent__gte=1, warn_percent__lte=99), name="version_warn_percent_range"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(valid_from__isnull=False), name="published_version_begins"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="version_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=(Q(valid_from__isnull=True) | Q(valid_from__gte=EARLIEST, valid_from__lt=LATEST))
                & (Q(valid_to__isnull=True) | Q(valid_to__gte=EARLIEST, valid_to__lt=LATEST)),
                name="version_valid_in_known_years",
            ),
            ExclusionConstraint(
                name="one_version_at_a_time",
                expressions=[
                    (
                        Func(F("agreement_id"), F("agreement_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (Func(F("valid_from"), F("valid_to"), function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} v{self.number}"

    def holds_at(self, at: datetime) -> bool:
        """Whether it is in force at an instant."""
        begins, ends = self.valid_from, self.valid_to
        return not self.is_draft and begins is not None and begins <= at and (ends is None or ends > at)

    @property
    def is_draft(self) -> bool:
        """Whether it can still be edited."""
        return self.state == VersionState.DRAFT


class AgreementTarget(models.Model):
    """One promise of one severity: minutes of business or elapsed time, business days, or an hour of the next business day."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="targets")
    severity = models.CharField(max_length=4, choices=severity_choices)
    kind = models.CharField(max_length=12, choices=promise_choices)
    mode = models.CharField(max_length=13, choices=target_mode_choices, default=TargetMode.BUSINESS)
    minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_MINUTES)],
        help_text=_("Minutes, where it counts business or elapsed time"),
    )
    days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=_("Business days, where it counts those"),
    )
    at = models.TimeField(
        null=True, blank=True, help_text=_("The hour of the next business day; empty: when that day closes")
    )
    goal_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("How many of them a month are to be kept, in percent"),
    )
    is_pausable = models.BooleanField(default=True, help_text=_("A hold stops it"))
    stops_for = models.JSONField(
        default=list, blank=True, help_text=_("Only while it waits for one of these parties; empty: for any")
    )
    stops_with = models.JSONField(
        default=list, blank=True, help_text=_("It also stands still while one of these parties has the work")
    )

    class Meta:
        ordering = ["severity", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["version", "severity", "kind"], name="version_target_once"),
            models.CheckConstraint(
                condition=Q(
                    mode__in=["business", "elapsed"], minutes__isnull=False, minutes__lte=MOST_MINUTES
                )
                | Q(mode="business_days", days__gte=1, days__lte=MOST_DAYS)
                | Q(mode="next_day"),
                name="target_says_how_long",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.severity} {self.kind}"

    def clean(self) -> None:
        if self.mode in {TargetMode.BUSINESS, TargetMode.ELAPSED} and self.minutes is None:
            raise ValidationError({"minutes": _("Say how many minutes.")})
        if self.mode == TargetMode.BUSINESS_DAYS and not self.days:
            raise ValidationError({"days": _("Say how many business days.")})
        for name in ("stops_for", "stops_with"):
            given = getattr(self, name)
            if not isinstance(given, list) or set(map(str, given)) - set(Party.values):
                raise ValidationError({name: _("A list of parties: %s.") % ", ".join(Party.values)})


class WarningRung(models.Model):
    """One rung of a version's ladder of warnings: when, in time that counts, and what then happens."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="rungs")
    kind = models.CharField(
        max_length=12, choices=promise_choices, blank=True, help_text=_("Of which promise; empty: of each")
    )
    severity = models.CharField(
        max_length=4, choices=severity_choices, blank=True, help_text=_("At which severity; empty: at each")
    )
    unit = models.CharField(max_length=7, choices=rung_unit_choices, default=RungUnit.PERCENT)
    amount = models.PositiveIntegerField(validators=[MaxValueValidator(MOST_MINUTES)])
    act = models.CharField(max_length=8, choices=rung_act_choices, default=RungAct.NOTIFY)
    whom = models.CharField(max_length=5, choices=rung_whom_choices, default=RungWhom.HANDS)
    step = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("The policy's step to call; empty: the next one")
    )

    class Meta:
        ordering = ["unit", "amount", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(unit="percent") | Q(amount__gte=1, amount__lte=1000), name="rung_percent_range"
            ),
            models.CheckConstraint(condition=Q(amount__lte=MOST_MINUTES), name="rung_within_known_time"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.get_unit_display()}: {self.get_act_display()}"
