"""Promises as programs read them: as they stand, and with their reasons."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.plain import plain
from core.http.now import request_now
from incidents.choices import ClockState
from incidents.domain.clocks import remaining
from incidents.models import Clock
from incidents.queries.explain import Told
from incidents.queries.timeline import is_about


class ClockSerializer(serializers.ModelSerializer):
    """One promise being counted."""

    left_seconds = serializers.SerializerMethodField(
        help_text="Business seconds left, negative when late; null once it ended"
    )

    class Meta:
        model = Clock
        fields = [
            "id", "kind", "basis", "provider", "state", "severity", "agreement_name", "version", "mode", "days",
            "target_seconds", "started_at", "due_at", "warn_at", "warned_at", "breached_at", "verdict", "met_at", "paused_at",
            "rung_at", "left_seconds", "cycle",
        ]  # fmt: skip

    def to_representation(self, instance: Clock) -> dict[str, Any]:
        names = (name for name in self.Meta.fields if name != "left_seconds")
        said = plain(instance, names) | {"left_seconds": self.get_left_seconds(instance)}
        return {name: said[name] for name in self.Meta.fields}

    def get_left_seconds(self, clock: Clock) -> int | None:
        if clock.state not in {ClockState.RUNNING, ClockState.PAUSED}:
            return None
        return int(remaining(clock, request_now(self.context["request"]._request)).total_seconds())


class CountedStretchSerializer(serializers.Serializer):
    """A part of the time that a promise goes through; closed hours lie in between."""

    start, end = serializers.DateTimeField(), serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=["counted", "paused", "to_come", "late"])
    seconds = serializers.IntegerField(help_text="Business seconds")
    total = serializers.IntegerField(help_text="Business seconds used up of the promise when it ends")
    reason = serializers.CharField(help_text="What a pause was for")


class ClockDriftSerializer(serializers.Serializer):
    """Where a clock is not what the timeline makes it."""

    field = serializers.CharField()
    stored = serializers.JSONField()
    replayed = serializers.JSONField()


class EarlierHoursSerializer(serializers.Serializer):
    """Up to an instant it was counted by other hours."""

    until = serializers.DateTimeField()
    hours = serializers.CharField()


class LadderSerializer(serializers.Serializer):
    """A rung of the ladder of warnings; no instant while the promise stands still or is over."""

    at = serializers.DateTimeField(allow_null=True)
    words = serializers.CharField()
    done = serializers.BooleanField()


class DecidedSerializer(serializers.Serializer):
    """A line of the timeline on which promises depend."""

    at = serializers.DateTimeField(source="happened_at")
    kind = serializers.CharField()
    text = serializers.CharField()


class ExplainedSerializer(serializers.Serializer):
    """One promise with its reasons."""

    clock = ClockSerializer()
    answer = serializers.CharField(help_text="In a sentence; times in UTC")
    hours = serializers.CharField(help_text="When time counts")
    used_seconds = serializers.IntegerField(source="explained.used")
    left_seconds = serializers.IntegerField(source="explained.left", help_text="Negative when late")
    stretches = CountedStretchSerializer(many=True, source="explained.stretches")
    earlier_hours = EarlierHoursSerializer(many=True, source="legs")
    ladder = LadderSerializer(many=True)
    events = serializers.SerializerMethodField(
        help_text="What this caller may read of what decided it, oldest first"
    )
    drifts = ClockDriftSerializer(many=True, help_text="Empty where telling it again gives what is stored")

    @extend_schema_field(DecidedSerializer(many=True))
    def get_events(self, told: Told) -> Any:
        lines = [entry for entry in self.context["events"] if is_about(entry, told.clock)]
        return DecidedSerializer(lines, many=True).data
