"""Agreements in JSON."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Team
from services.choices import party_choices, severity_choices
from services.models import (
    Agreement,
    AgreementScope,
    AgreementTarget,
    AgreementVersion,
    BusinessCalendar,
    Client,
    Service,
    WarningRung,
)


class TargetSerializer(serializers.ModelSerializer):
    """`minutes` of business or elapsed time, `days` business days, or `at` an hour of the next business day."""

    stops_for = serializers.ListField(child=serializers.ChoiceField(choices=party_choices()), required=False)
    stops_with = serializers.ListField(child=serializers.ChoiceField(choices=party_choices()), required=False)

    class Meta:
        model = AgreementTarget
        fields = [
            "severity", "kind", "mode", "minutes", "days", "at", "goal_percent", "is_pausable", "stops_for", "stops_with",
        ]  # fmt: skip


class WarningRungSerializer(serializers.ModelSerializer):
    class Meta:
        model = WarningRung
        fields = ["kind", "severity", "unit", "amount", "act", "whom", "step"]


class AgreementVersionSerializer(serializers.ModelSerializer):
    """The terms of an agreement. Only a draft can be written; publishing is a verb."""

    calendar = serializers.SlugRelatedField(slug_field="slug", queryset=BusinessCalendar.objects.all())
    targets = TargetSerializer(many=True)
    rungs = WarningRungSerializer(many=True, required=False)
    published_by = serializers.CharField(
        source="published_by.name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = AgreementVersion
        fields = [
            "number", "state", "valid_from", "valid_to", "calendar", "zone_source", "warn_percent", "on_reopen", "on_severity",
            "excludes_maintenance", "credits_text", "note", "published_at", "published_by", "targets", "rungs",
        ]  # fmt: skip
        read_only_fields = ["number", "state", "valid_from", "valid_to", "published_at"]

    def validate_warn_percent(self, percent: int) -> int:
        if not 1 <= percent <= 99:
            raise serializers.ValidationError("A percentage from 1 to 99.")
        return percent

    def validate_targets(self, targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen = set()
        for target in targets:
            AgreementTarget(**target).clean()
            key = target["severity"], target["kind"]
            if key in seen:
                raise serializers.ValidationError(f"{key[0]} {key[1]} is promised twice.")
            seen.add(key)
        return targets

    def validate_rungs(self, rungs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for rung in rungs:
            if rung.get("unit", "percent") == "percent" and not 1 <= rung["amount"] <= 1000:
                raise serializers.ValidationError("A rung in percent is from 1 to 1000.")
        return rungs


class _Slug(serializers.SlugRelatedField):
    """A row by its slug; one that was read as its slug stays so."""

    def to_representation(self, value: Any) -> Any:
        return value if isinstance(value, str) else super().to_representation(value)


class AgreementScopeSerializer(serializers.ModelSerializer):
    """A service, or services of a client, of a tier, or of both."""

    service = _Slug(slug_field="slug", queryset=Service.objects.all(), required=False, allow_null=True)
    client = _Slug(slug_field="slug", queryset=Client.objects.all(), required=False, allow_null=True)

    class Meta:
        model = AgreementScope
        fields = ["service", "client", "tier"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        AgreementScope(**attrs).clean()
        return attrs


class AgreementSerializer(serializers.ModelSerializer):
    """Who promises what to whom. `terms` is the version in force now, null where none is."""

    provider_team = serializers.SlugRelatedField(
        slug_field="slug", queryset=Team.objects.all(), required=False, allow_null=True
    )
    client = serializers.SlugRelatedField(
        slug_field="slug", queryset=Client.objects.all(), required=False, allow_null=True
    )
    scopes = AgreementScopeSerializer(many=True, required=False, source="covered")
    terms = serializers.SerializerMethodField()

    class Meta:
        model = Agreement
        fields = [
            "slug", "name", "kind", "provider", "provider_team", "receiver", "client", "is_default", "scopes", "terms",
        ]  # fmt: skip
        # The rule about defaults is asked below, where what isn't given has its default.
        validators: ClassVar[list[Any]] = []

    @extend_schema_field(AgreementVersionSerializer(allow_null=True))
    def get_terms(self, agreement: Agreement) -> Any:
        held = getattr(agreement, "versions_now", [])
        return AgreementVersionSerializer(held[0]).data if held else None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known = self.instance or Agreement()
        names = ("kind", "provider", "receiver")
        Agreement(**{name: attrs.get(name, getattr(known, name)) for name in names}).clean()
        if attrs.get("is_default"):
            self._only_default(attrs)
        return attrs

    def _only_default(self, attrs: dict[str, Any]) -> None:
        """There is one default of each kind and provider."""
        known = self.instance or Agreement()
        same = {name: attrs.get(name, getattr(known, name)) for name in ("kind", "provider", "provider_team")}
        other = Agreement.objects.filter(is_default=True, **same).exclude(pk=known.pk).first()
        if other is not None:
            raise serializers.ValidationError({"is_default": f"{other} is the default of that kind already."})


class PublishTermsSerializer(serializers.Serializer):
    valid_from = serializers.DateTimeField(required=False, allow_null=True, help_text="Null: now")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class EndSerializer(serializers.Serializer):
    valid_to = serializers.DateTimeField()


class TermChangeSerializer(serializers.Serializer):
    what = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class HoldSpanSerializer(serializers.Serializer):
    """While it were on hold."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class TrySerializer(serializers.Serializer):
    """An incident that might be: which severity, raised when, of which service, on hold when, by which version."""

    severity = serializers.ChoiceField(choices=severity_choices())
    raised_at = serializers.DateTimeField()
    service = serializers.SlugField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    holds = HoldSpanSerializer(many=True, required=False)


class TriedStretchSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    kind = serializers.CharField()
    seconds = serializers.IntegerField()
    total = serializers.IntegerField()


class TriedRungSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    unit = serializers.CharField()
    amount = serializers.IntegerField()
    act = serializers.CharField()
    whom = serializers.CharField()
    step = serializers.IntegerField(allow_null=True)


class TriedPromiseSerializer(serializers.Serializer):
    kind = serializers.CharField()
    words = serializers.CharField(help_text="How long is promised")
    target_seconds = serializers.IntegerField()
    warn_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    rungs = TriedRungSerializer(many=True)
    stretches = TriedStretchSerializer(many=True)


class TrialSerializer(serializers.Serializer):
    """What would be promised: each due time, with the opening hours up to it."""

    version = serializers.IntegerField()
    severity = serializers.CharField()
    raised_at = serializers.DateTimeField()
    zone = serializers.CharField()
    promises = TriedPromiseSerializer(many=True)
