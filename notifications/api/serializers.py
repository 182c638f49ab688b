"""JSON of messages."""

from rest_framework import serializers

from accounts.models import User
from notifications.choices import channel_choices, contact_kind_choices
from notifications.domain.personal import LONGEST_DELAY
from notifications.models import ContactPoint, DeliveryAttempt, Message


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
    """A message by any channel, and how far it is. `contact_point` names it without its address; those of one
    `bundle` left as one. `error` also says why it waits or was superseded."""

    recipient = RecipientSerializer(read_only=True)
    contact_point = serializers.SerializerMethodField()

    def get_contact_point(self, message: Message) -> str:
        return message.contact.hint if message.contact is not None else str(message.data.get("to", ""))

    class Meta:
        model = Message
        fields = [
            "id", "recipient", "channel", "contact_point", "bundle", "urgency", "kind", "subject", "body", "url", "about_kind",
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
    contact_point = serializers.IntegerField(
        source="contact",
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**63 - 1,
        help_text="A verified contact point of yours; without one the channel's usual address",
    )
    delay_minutes = serializers.IntegerField(min_value=0, max_value=LONGEST_DELAY, default=0)


class ContactPointSerializer(serializers.ModelSerializer):
    """A further address of yours. The address itself is never shown again: `hint` names it."""

    class Meta:
        model = ContactPoint
        fields = ["id", "kind", "name", "hint", "state", "reason", "state_at", "created_at"]
        read_only_fields = fields


class NewContactPointSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=contact_kind_choices())
    address = serializers.CharField(max_length=1000, help_text="E-mail address, https URL or Apprise URL")
    name = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


class AddedContactPointSerializer(ContactPointSerializer):
    """As it was added. `secret` signs a webhook's messages and is shown this once."""

    secret = serializers.CharField(read_only=True, help_text="whsec_…; empty for other kinds")

    class Meta(ContactPointSerializer.Meta):
        fields = [*ContactPointSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class CodeSerializer(serializers.Serializer):
    code = serializers.CharField(
        max_length=20, help_text="The six digits that came through the contact point"
    )


class RulesSerializer(serializers.Serializer):
    """Routes in their order, for urgent calls and for ordinary news. The inbox is always first, at once."""

    urgent = ChannelRouteSerializer(many=True, required=False)
    ordinary = ChannelRouteSerializer(many=True, required=False)
