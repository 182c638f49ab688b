"""What programs read and write of objectives, impact, planned work and uptime."""

from datetime import UTC
from typing import Any

from rest_framework import serializers

from accounts.models import User
from services.choices import BudgetState, budget_state_choices
from services.domain.budget import Standing
from services.domain.indicators import MOST_EVENTS, MOST_SAMPLES, Sample
from services.domain.openslo import MOST_BYTES
from services.models import ImpactWindow, MaintenanceWindow, MLModel, Objective, Service
from services.models.objective import LEAST_TARGET, MOST_TARGET
from services.queries.objectives import Point, RungNow
from services.queries.uptime import Uptime


class ObjectiveSerializer(serializers.ModelSerializer):
    """A service level objective. `state` and `stood_at` are as of the last look; `…/standing/` reckons it now."""

    service = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.none())
    client = serializers.SlugRelatedField(
        slug_field="slug", source="service.client", read_only=True, allow_null=True
    )
    model = serializers.SlugRelatedField(
        slug_field="name", queryset=MLModel.objects.none(), required=False, allow_null=True
    )
    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    target = serializers.DecimalField(
        max_digits=6, decimal_places=3, min_value=LEAST_TARGET, max_value=MOST_TARGET, help_text="Percent"
    )

    class Meta:
        model = Objective
        fields = [
            "slug", "name", "description", "service", "client", "model", "indicator", "unit", "direction", "threshold",
            "target", "window", "zone", "at_risk_percent", "policy", "owner", "excludes_maintenance", "burn_alerts",
            "is_active", "state", "stood_at", "created_at",
        ]  # fmt: skip
        read_only_fields = ["state", "stood_at", "created_at"]
        extra_kwargs = {"slug": {"validators": []}}  # who has it is said by the verb, once it is certain

    def get_fields(self) -> Any:
        fields = super().get_fields()
        services = self.context.get("services")
        if services is not None:
            fields["service"].queryset = services
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """A model is named within its service."""
        slug = data.get("service") if hasattr(data, "get") else None
        slug = self.instance.service.slug if self.instance is not None else slug
        services = self.context.get("services")
        if services is not None and isinstance(slug, str):
            self.fields["model"].queryset = MLModel.objects.filter(service__in=services, service__slug=slug)
        return super().to_internal_value(data)

    def to_representation(self, instance: Objective) -> dict[str, Any]:
        said: dict[str, Any] = super().to_representation(instance)
        if not self.context.get("inside", True):
            said["owner"] = None
        return said


class SampleSerializer(serializers.Serializer):
    """What was seen at `at`: `good` of `total` events, or one measured `value`."""

    at = serializers.DateTimeField(default_timezone=UTC)
    good = serializers.IntegerField(required=False, min_value=0, max_value=MOST_EVENTS)
    total = serializers.IntegerField(required=False, min_value=0, max_value=MOST_EVENTS)
    value = serializers.FloatField(required=False)


class SamplesSerializer(serializers.Serializer):
    """Up to a thousand samples; all of them count, or none."""

    samples = SampleSerializer(many=True, max_length=MOST_SAMPLES, allow_empty=False)

    @property
    def read(self) -> list[Sample]:
        """Them as the domain takes them."""
        return [Sample(**each) for each in self.validated_data["samples"]]


class RecordedSerializer(serializers.Serializer):
    """What a post added."""

    samples = serializers.IntegerField()
    buckets = serializers.IntegerField(help_text="Stretches of five minutes that grew")
    good = serializers.IntegerField()
    total = serializers.IntegerField()


class PointSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    left_percent = serializers.SerializerMethodField(help_text="Of the budget; below 0 once it is overspent")

    def get_left_percent(self, point: Point) -> float:
        return round(point.left * 100, 3)


class RungSerializer(serializers.Serializer):
    """How fast the budget burns over two windows; an alert fires while both exceed `factor`."""

    name = serializers.CharField(source="rung.name")
    factor = serializers.FloatField(source="rung.factor")
    long_seconds = serializers.SerializerMethodField()
    short_seconds = serializers.SerializerMethodField()
    long_rate = serializers.FloatField(source="rates.long", allow_null=True)
    short_rate = serializers.FloatField(source="rates.short", allow_null=True)
    severity = serializers.CharField(source="rung.severity")
    firing = serializers.BooleanField(source="is_firing")
    since = serializers.DateTimeField(allow_null=True)

    def get_long_seconds(self, each: RungNow) -> int:
        return int(each.rung.long.total_seconds())

    def get_short_seconds(self, each: RungNow) -> int:
        return int(each.rung.short.total_seconds())


class StandingSerializer(serializers.Serializer):
    """How a budget stands. Amounts are seconds or events, by `unit`; percentages are of 100."""

    state = serializers.ChoiceField(choices=budget_state_choices())
    unit = serializers.ChoiceField(choices=["seconds", "events"])
    window_start = serializers.DateTimeField(source="standing.window.start")
    window_end = serializers.DateTimeField(source="standing.window.end")
    total = serializers.FloatField(source="standing.tally.total", help_text="Counted so far")
    bad = serializers.FloatField(source="standing.tally.bad")
    budget = serializers.FloatField(source="standing.budget", help_text="What may be bad in the whole window")
    left = serializers.FloatField(source="standing.left", help_text="Below 0 once it is overspent")
    kept_percent = serializers.SerializerMethodField(help_text="null where nothing was counted")
    spent_percent = serializers.SerializerMethodField()
    exhausts_at = serializers.DateTimeField(
        source="standing.exhausts_at",
        allow_null=True,
        help_text="When it is gone, spent on as in the last three days; null where it lasts, or is gone",
    )
    course = PointSerializer(many=True, help_text="What was left at the end of each day")
    rungs = RungSerializer(many=True)

    def get_kept_percent(self, data: dict[str, Any]) -> float | None:
        standing: Standing = data["standing"]
        return None if standing.kept is None else float(standing.kept * 100)

    def get_spent_percent(self, data: dict[str, Any]) -> float | None:
        standing: Standing = data["standing"]
        return None if standing.state == BudgetState.NO_DATA else float(standing.spent * 100)


class OpenSLOSerializer(serializers.Serializer):
    """OpenSLO documents as one text. Without `apply` nothing is stored."""

    documents = serializers.CharField(max_length=MOST_BYTES, trim_whitespace=False)
    apply = serializers.BooleanField(default=False)


class TakenChangeSerializer(serializers.Serializer):
    field = serializers.CharField()
    old = serializers.CharField()
    new = serializers.CharField()


class TakenStepSerializer(serializers.Serializer):
    """What one document does."""

    what = serializers.ChoiceField(choices=["make", "change", "same"])
    slug = serializers.CharField()
    service = serializers.CharField()
    name = serializers.CharField()
    target = serializers.CharField()
    changes = TakenChangeSerializer(many=True)


class TakenSerializer(serializers.Serializer):
    applied = serializers.BooleanField()
    steps = TakenStepSerializer(many=True)


class ImpactSerializer(serializers.ModelSerializer):
    """A time in which a service failed its users; `ends_at` null: it goes on. Said on an incident."""

    service = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    incident = serializers.CharField(source="incident_ref", read_only=True)

    class Meta:
        model = ImpactWindow
        fields = ["id", "service", "incident", "effect", "share", "starts_at", "ends_at", "note"]


class MaintenanceSerializer(serializers.ModelSerializer):
    """Planned work. `services` are those that the caller may see."""

    services = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.none(), many=True)
    created_by = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    note = serializers.CharField(max_length=2_000, allow_blank=True, required=False, default="")
    announced = serializers.BooleanField(required=False, default=False)

    class Meta:
        model = MaintenanceWindow
        fields = [
            "id", "title", "services", "starts_at", "ends_at", "announced", "announced_at", "note", "created_by",
            "created_at", "cancelled_at",
        ]  # fmt: skip
        read_only_fields = ["announced_at", "created_at", "cancelled_at"]

    def get_fields(self) -> Any:
        fields = super().get_fields()
        services = self.context.get("services")
        if services is not None:
            fields["services"].child_relation.queryset = services
        return fields

    def to_representation(self, instance: MaintenanceWindow) -> dict[str, Any]:
        said: dict[str, Any] = super().to_representation(instance)
        if not self.context.get("inside", True):
            said["created_by"] = None
        return said


class StretchOfTimeSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class UptimeSerializer(serializers.Serializer):
    """A service in a month: seconds that count so far, those that failed by their share, and what was left out."""

    service = serializers.CharField(source="service.slug")
    counted_seconds = serializers.FloatField(source="counted.total")
    failed_seconds = serializers.FloatField(source="counted.bad")
    uptime_percent = serializers.SerializerMethodField(help_text="null where nothing counts yet")
    impact = StretchOfTimeSerializer(many=True, source="down")
    maintenance = StretchOfTimeSerializer(
        many=True, source="work", help_text="Announced work that is left out"
    )

    def get_uptime_percent(self, row: Uptime) -> float | None:
        return None if row.kept is None else float(row.kept * 100)


class ClientUptimeSerializer(serializers.Serializer):
    """A client's services in a month, and all of them together."""

    month = serializers.CharField()
    zone = serializers.CharField()
    uptime_percent = serializers.FloatField(allow_null=True)
    services = UptimeSerializer(many=True)


class ServiceUptimeSerializer(UptimeSerializer):
    month = serializers.CharField()
    zone = serializers.CharField()
