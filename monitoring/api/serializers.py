"""JSON of alerts and intake."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.crypto import SecretUnreadableError
from monitoring.domain.integrations import intake_url
from monitoring.models import Alert, AlertChange, AlertOccurrence, Integration, RawDelivery
from monitoring.queries.deliveries import readable
from monitoring.sources import all_sources
from services.models import Service


class AlertSerializer(serializers.ModelSerializer):
    service = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    source = serializers.CharField(source="integration.source", read_only=True)

    class Meta:
        model = Alert
        fields = [
            "id", "identity", "status", "severity", "title", "body", "service", "service_hint", "source",
            "integration", "labels", "annotations", "url", "starts_at", "ends_at", "event_at",
            "first_seen_at", "last_seen_at", "count", "episodes", "resolve_reason",
        ]  # fmt: skip
        read_only_fields = fields


class AlertChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = AlertChange
        fields = ["id", "kind", "at", "event_at", "detail"]
        read_only_fields = fields


class AlertOccurrenceSerializer(serializers.ModelSerializer):
    class Meta:
        model = AlertOccurrence
        fields = ["id", "status", "at", "event_at", "note", "delivery_id"]
        read_only_fields = fields


class RouteSerializer(serializers.Serializer):
    service = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.all())


class IntegrationSerializer(serializers.ModelSerializer):
    source = serializers.ChoiceField(choices=[(source.slug, source.label) for source in all_sources()])
    service = serializers.SlugRelatedField(
        slug_field="slug", queryset=Service.objects.all(), allow_null=True, required=False
    )
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    url = serializers.SerializerMethodField(help_text="Where the tool posts. A secret.")

    class Meta:
        model = Integration
        fields = [
            "id", "name", "source", "service", "service_label", "is_active", "url", "created_at",
            "last_received_at",
        ]  # fmt: skip
        read_only_fields = ["created_at", "last_received_at"]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, integration: Integration) -> str:
        """Empty where the key was sealed with a secret that is gone: rotate it for a new one."""
        try:
            return intake_url(integration)
        except SecretUnreadableError:
            return ""

    def validate_source(self, value: str) -> str:
        if self.instance is not None and value != self.instance.source:
            raise serializers.ValidationError(
                "The source is part of the URL; make a new integration instead."
            )
        return value


class DeliverySerializer(serializers.ModelSerializer):
    class Meta:
        model = RawDelivery
        fields = [
            "id", "integration_id", "received_at", "state", "reason", "signals", "truncated", "handled_at",
            "replays", "address", "expires_at",
        ]  # fmt: skip
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    payload = serializers.SerializerMethodField(help_text="The body as text")

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "headers", "payload"]
        read_only_fields = fields

    def get_payload(self, row: RawDelivery) -> str:
        return readable(row.body)
