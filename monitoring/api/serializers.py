"""JSON of alerts and intake."""

from typing import Any

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
            "first_seen_at", "last_seen_at", "count", "coalesced", "episodes", "resolve_reason",
        ]  # fmt: skip
        read_only_fields = fields


class AlertChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = AlertChange
        fields = ["id", "kind", "at", "event_at", "detail", "coalesced"]
        read_only_fields = fields


class AlertOccurrenceSerializer(serializers.ModelSerializer):
    class Meta:
        model = AlertOccurrence
        fields = ["id", "status", "at", "event_at", "note", "delivery_id", "minute", "count"]
        read_only_fields = fields


class RouteSerializer(serializers.Serializer):
    service = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.all())


class LoadSerializer(serializers.Serializer):
    """Alerts of one integration, by minute of arrival."""

    minute = serializers.IntegerField(help_text="In this minute so far")
    last_minute = serializers.IntegerField()
    hour = serializers.IntegerField(help_text="In the last sixty minutes")
    peak = serializers.IntegerField(help_text="In the busiest minute of the last 24 hours")
    peak_at = serializers.DateTimeField(allow_null=True)
    coalesced = serializers.IntegerField(help_text="Of the hour's, those that were counted together")
    since = serializers.DateTimeField(allow_null=True, help_text="When the present storm began")


class IntegrationSerializer(serializers.ModelSerializer):
    source = serializers.ChoiceField(choices=[(source.slug, source.label) for source in all_sources()])
    service = serializers.SlugRelatedField(
        slug_field="slug", queryset=Service.objects.all(), allow_null=True, required=False
    )
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    url = serializers.SerializerMethodField(help_text="Where the tool posts. A secret.")
    load = serializers.SerializerMethodField(help_text="How busy it is; null right after a change")

    class Meta:
        model = Integration
        fields = [
            "id", "name", "source", "service", "service_label", "rate", "is_active", "url", "created_at",
            "last_received_at", "load",
        ]  # fmt: skip
        read_only_fields = ["created_at", "last_received_at"]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, integration: Integration) -> str:
        """Empty where the key was sealed with a secret that is gone: rotate it for a new one."""
        try:
            return intake_url(integration)
        except SecretUnreadableError:
            return ""

    @extend_schema_field(LoadSerializer(allow_null=True))
    def get_load(self, integration: Integration) -> Any:
        found = self.context.get("loads", {}).get(integration.pk)
        return LoadSerializer(found).data if found else None

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
