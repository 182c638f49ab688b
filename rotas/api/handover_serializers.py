"""JSON of hand-overs."""

from rest_framework import serializers

from rotas.api.serializers import PersonSerializer
from rotas.domain.handing import MAX_TEXT
from rotas.handover_sections import NOTES
from rotas.models import Handover, HandoverItem
from rotas.queries.visible import callable_people


class HandoverItemSerializer(serializers.ModelSerializer):
    """One thing that the next shift must know. `source` names what it is about (empty: written by hand), `carried` is how
    many hand-overs have had it before, `url` a path within the portal. People by e-mail."""

    owner = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    accepted_by = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = HandoverItem
        fields = [
            "id", "section", "source", "title", "url", "detail", "next_action", "owner", "due_at", "carried", "accepted_at",
            "accepted_by",
        ]  # fmt: skip
        read_only_fields = fields


class HandoverRowSerializer(serializers.ModelSerializer):
    """A hand-over in a list: at `at` the people on call of the rota changed; `since` is the change before."""

    rota = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    outgoing = PersonSerializer(many=True, read_only=True)
    incoming = PersonSerializer(many=True, read_only=True)
    published_by = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Handover
        fields = [
            "id", "rota", "since", "at", "outgoing", "incoming", "state", "summary", "drafted_at", "published_at",
            "published_by", "accepted_at", "version",
        ]  # fmt: skip
        read_only_fields = fields


class HandoverSerializer(HandoverRowSerializer):
    """The whole of it."""

    items = HandoverItemSerializer(many=True, read_only=True)

    class Meta(HandoverRowSerializer.Meta):
        fields = [*HandoverRowSerializer.Meta.fields, "items"]
        read_only_fields = fields


class SummarySerializer(serializers.Serializer):
    """What can be edited of the hand-over itself."""

    summary = serializers.CharField(max_length=MAX_TEXT, allow_blank=True)


class EditItemSerializer(serializers.Serializer):
    """What can be edited of an item; the owner by e-mail, the time with its zone."""

    title = serializers.CharField(max_length=200)
    detail = serializers.CharField(max_length=MAX_TEXT, allow_blank=True, required=False)
    next_action = serializers.CharField(max_length=200, allow_blank=True, required=False)
    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=callable_people(), allow_null=True, required=False
    )
    due_at = serializers.DateTimeField(allow_null=True, required=False)


class NewItemSerializer(EditItemSerializer):
    """An item written by hand."""

    section = serializers.CharField(max_length=24, required=False, default=NOTES)
