from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Team
from services.choices import activity_group_choices, letter_choices, party_choices
from services.models.service import Service
from services.validators import validate_authority, validate_evidence


class Activity(models.Model):
    """One thing that somebody does in running a service: a row of the responsibility matrix."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    group = models.CharField(max_length=10, choices=activity_group_choices)
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the matrix")
    help = models.CharField(max_length=240, blank=True, help_text="Where it begins and ends, in one sentence")
    needs_runbook = models.BooleanField(
        default=False, help_text="L1 does it only by a runbook: each service must have one"
    )

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return self.name


class Responsibility(models.Model):
    """What a party is to an activity, for one service; without a service it is the template for all.

    A service's own rows of an activity replace the template's rows of that activity as a whole.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="responsibilities")
    party = models.CharField(max_length=14, choices=party_choices)
    letter = models.CharField(max_length=2, choices=letter_choices)
    service = models.ForeignKey(
        Service,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="responsibilities",
        help_text="Empty: the template of all services",
    )

    class Meta:
        ordering = ["activity__position", "activity", "pk"]
        verbose_name_plural = "responsibilities"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "party", "service"], name="responsibility_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(letter__in=["R", "A", "RA", "C", "I"]), name="responsibility_letter_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity}: {self.get_party_display()} {self.letter}"


class PartyTerms(models.Model):
    """Where a party's work begins and ends, for one service; without a service it is the template for all.

    A service's own terms of a party replace the template's of that party, but for the team.
    """

    party = models.CharField(max_length=14, choices=party_choices)
    service = models.ForeignKey(
        Service,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="party_terms",
        help_text="Empty: the template of all services",
    )
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who the party is here. Empty: the owning team or the service's party of that kind",
    )
    authority = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_authority],
        help_text='What it may do without asking, such as ["restart", "drain"]',
    )
    scope_in = models.TextField(blank=True, max_length=2_000, help_text="What is its work")
    scope_out = models.TextField(blank=True, max_length=2_000, help_text="What is not")
    entry = models.TextField(blank=True, max_length=2_000, help_text="When it takes work over")
    evidence = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_evidence],
        help_text='What it asks for when work is handed to it: [{"key": "logs", "label": "Logs", "required": true}]',
    )
    timebox_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="After so long without progress it hands the work on"
    )
    out_of_hours = models.CharField(max_length=240, blank=True, help_text="What holds outside support hours")
    hands_to = models.CharField(
        max_length=14, choices=party_choices, blank=True, help_text="To whom it hands on what it can't end"
    )
    return_path = models.CharField(max_length=240, blank=True, help_text="How work comes back from it")

    class Meta:
        ordering = ["party", "pk"]
        verbose_name = "terms of a party"
        verbose_name_plural = "terms of parties"
        constraints = [
            models.UniqueConstraint(
                fields=["party", "service"], name="party_terms_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(timebox_minutes__isnull=True)
                | Q(timebox_minutes__gte=1, timebox_minutes__lte=10_080),
                name="party_timebox_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_party_display()}, {self.service or 'template'}"


class OperatingModelVersion(models.Model):
    """The whole operating model as it was published: a copy that no edit changes."""

    number = models.PositiveIntegerField(unique=True)
    snapshot = models.JSONField()
    note = models.CharField(max_length=300)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = "published operating model"

    def __str__(self) -> str:
        return f"Operating model {self.number}"
