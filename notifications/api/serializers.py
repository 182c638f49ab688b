"""JSON of messages."""

from rest_framework import serializers

from accounts.models import User
from notifications.choices import channel_choices
from notifications.domain.personal import LONGEST_DELAY
from notifications.models import DeliveryAttempt, Message


class MessageSerializer(serializers.ModelSerializer):
    """A message of one's own inbox. `url` is a path within the portal."""

    severity = serializers.CharField(source="data.severity", default="", read_only=True)

    class Meta:
        model = Message
        fields = [
            "id", "kind", "urgency", "severity", "subject", "body", "url", "about_kind", "about_ref",
            "created_at", "read_at",
        ]  # fmt: skip
        read_only_fields = fields


class RecipientSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "name", "email"]
        read_only_fields = fields


class OutboxSerializer(serializers.ModelSerializer):
    """A message by any channel, and how far it is."""

    recipient = RecipientSerializer(read_only=True)

    class Meta:
        model = Message
        fields = [
            "id", "recipient", "channel", "urgency", "kind", "subject", "body", "url", "about_kind",
            "about_ref", "dedup_key", "state", "attempts", "next_at", "created_at", "sent_at", "error",
        ]  # fmt: skip
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = DeliveryAttempt
        fields = ["number", "at", "outcome", "detail", "milliseconds"]
        read_only_fields = fields


class ReadAllSerializer(serializers.Serializer):
    up_to = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Newest message you have seen"
    )


class MarkedSerializer(serializers.Serializer):
    marked = serializers.IntegerField(help_text="How many were unread")


class ChannelRouteSerializer(serializers.Serializer):
    channel = serializers.ChoiceField(choices=channel_choices())
    delay_minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_DELAY, default=0)


class RulesSerializer(serializers.Serializer):
    """Routes in their order, for urgent calls and for ordinary news. The inbox is always first, at once."""

    urgent = ChannelRouteSerializer(many=True, required=False)
    ordinary = ChannelRouteSerializer(many=True, required=False)
