from django.conf import settings
from django.db import models

from rotas.choices import HandoverState, handover_state_choices
from rotas.models.rota import Rota


class Handover(models.Model):
    """What one shift passes to the next, at the instant `at` at which the people on call of a rota change.

    Drafted by itself from what happened since `since`; the outgoing complete and publish it, the incoming accept it item
    by item. `next_at` is when somebody is reminded.
    """

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="handovers")
    since = models.DateTimeField()
    at = models.DateTimeField()
    outgoing = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    incoming = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    state = models.CharField(max_length=10, choices=handover_state_choices, default=HandoverState.DRAFT)
    summary = models.TextField(blank=True, help_text="How it went, people, questions: what no list says")
    drafted_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["rota", "at"], name="handover_once")]
        indexes = [models.Index(fields=["next_at"], name="handover_due")]

    def __str__(self) -> str:
        return f"{self.rota} at {self.at:%Y-%m-%d %H:%M} UTC"


class HandoverItem(models.Model):
    """One thing that the next shift must know. `source` names what it is about, so that carried ones are known again."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="items")
    section = models.CharField(max_length=24)
    source = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300, blank=True)
    detail = models.TextField(blank=True)
    next_action = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    carried = models.PositiveSmallIntegerField(default=0, help_text="How many hand-overs have had it before")
    position = models.PositiveSmallIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "source"], condition=~models.Q(source=""), name="handover_item_once"
            )
        ]

    def __str__(self) -> str:
        return self.title
