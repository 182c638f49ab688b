"""What programs read and write of the catalogue."""

from rest_framework import serializers

from accounts.models import Team
from services.models import (
    Agreement,
    AgreementTarget,
    BusinessCalendar,
    Client,
    MLModel,
    ModelVersion,
    Service,
)


class ClientSerializer(serializers.ModelSerializer):
    class Meta:
        model = Client
        fields = ["slug", "name", "zone", "is_active"]


class TargetSerializer(serializers.ModelSerializer):
    class Meta:
        model = AgreementTarget
        fields = ["severity", "kind", "minutes"]


class AgreementSerializer(serializers.ModelSerializer):
    calendar = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    targets = TargetSerializer(many=True, read_only=True)

    class Meta:
        model = Agreement
        fields = ["slug", "name", "calendar", "is_default", "warn_percent", "pausable_acknowledge", "targets"]


class CalendarSerializer(serializers.ModelSerializer):
    class Meta:
        model = BusinessCalendar
        fields = ["slug", "name", "zone", "always_open", "country", "subdivision"]


class ServiceSerializer(serializers.ModelSerializer):
    client = serializers.SlugRelatedField(
        slug_field="slug", queryset=Client.objects.all(), required=False, allow_null=True
    )
    owning_team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.all())
    agreement = serializers.SlugRelatedField(
        slug_field="slug", queryset=Agreement.objects.all(), required=False, allow_null=True
    )
    support_calendar = serializers.SlugRelatedField(
        slug_field="slug", queryset=BusinessCalendar.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = Service
        fields = [
            "slug", "name", "summary", "client", "tier", "kind", "environment", "lifecycle", "owning_team", "agreement",
            "support_calendar", "auto_resolve",
        ]  # fmt: skip


class ModelSerializer(serializers.ModelSerializer):
    service = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = MLModel
        fields = ["id", "service", "name", "task", "registry_url"]


class ModelVersionSerializer(serializers.ModelSerializer):
    service = serializers.CharField(source="model.service.slug", read_only=True)
    model = serializers.SlugRelatedField(slug_field="name", read_only=True)

    class Meta:
        model = ModelVersion
        fields = ["id", "service", "model", "version", "stage", "trained_at", "promoted_at", "notes"]
