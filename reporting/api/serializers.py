"""Shapes of engines for programs."""

from math import isfinite

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class SecondsField(serializers.FloatField):
    """Seconds; null where nothing is known, and beyond the longest class of lateness."""

    def __init__(self, source: str) -> None:
        super().__init__(source=source, allow_null=True, read_only=True)

    def to_representation(self, value: float) -> float | None:
        return float(value) if isfinite(value) else None


class EnginePartSerializer(serializers.Serializer):
    """Rows of an engine that wait for something else than the others, and are not among them."""

    name = serializers.CharField()
    label = serializers.CharField()
    rows = serializers.IntegerField(help_text="How many there are")
    due = serializers.IntegerField()
    oldest_due_at = serializers.DateTimeField(source="oldest", allow_null=True)
    next_due_at = serializers.DateTimeField(source="next_due", allow_null=True)


class EngineSerializer(serializers.Serializer):
    """One engine: its last tick, what it has waiting, how late it works."""

    name = serializers.CharField(source="state.engine.name")
    label = serializers.CharField(source="state.engine.label")
    version = serializers.IntegerField(
        source="state.beat.version", default=None, allow_null=True, help_text="The newest at work"
    )
    late = serializers.BooleanField(source="state.is_late")
    late_since = serializers.DateTimeField(source="state.since", allow_null=True)
    trouble = serializers.CharField(source="state.words", help_text="What is wrong in a sentence, or empty")
    ticked_at = serializers.DateTimeField(source="state.beat.finished_at", default=None, allow_null=True)
    worked = serializers.IntegerField(
        source="state.beat.worked", default=0, help_text="Rows, by the last tick"
    )
    error = serializers.CharField(source="state.beat.error", default="")
    due = serializers.IntegerField(source="state.waiting.due", default=0)
    oldest_due_at = serializers.DateTimeField(source="state.waiting.oldest", default=None, allow_null=True)
    in_hand = serializers.IntegerField(source="state.waiting.in_hand", default=None, allow_null=True)
    stuck = serializers.IntegerField(source="state.waiting.stuck", default=0)
    next_due_at = serializers.DateTimeField(source="state.waiting.next_due", default=None, allow_null=True)
    parts = EnginePartSerializer(source="state.waiting.parts", many=True, default=())
    lateness_p50 = SecondsField(source="p50")
    lateness_p99 = SecondsField(source="p99")


class StuckSerializer(serializers.Serializer):
    """One row that does not get on."""

    engine = serializers.CharField()
    what = serializers.CharField()
    why = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField()


class HeartbeatSerializer(serializers.Serializer):
    """The beat that leaves for an address outside; `host` is empty where none is set."""

    host = serializers.CharField()
    left_at = serializers.DateTimeField(allow_null=True)
    trouble = serializers.CharField()


class EnginesSerializer(serializers.Serializer):
    """All engines as of an instant."""

    all_well = serializers.BooleanField()
    engines = EngineSerializer(many=True, source="rows")
    stuck = serializers.SerializerMethodField()
    heartbeat = HeartbeatSerializer()

    @extend_schema_field(StuckSerializer(many=True))
    def get_stuck(self, found) -> list[dict]:
        rows = [
            {"engine": engine.name, "what": row.what, "why": row.why, "since": row.since, "url": row.url}
            for engine, stuck in found.stuck
            for row in stuck
        ]
        return StuckSerializer(rows, many=True).data
