"""What programs read of people."""

from rest_framework import serializers

from accounts.models import ApiToken, AuditEntry, Site, Team, User


class SiteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Site
        fields = ["slug", "name", "zone", "country"]


class TeamSerializer(serializers.ModelSerializer):
    lead = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Team
        fields = ["slug", "name", "kind", "lead"]


class UserSerializer(serializers.ModelSerializer):
    site = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    zone = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "name", "role", "site", "zone", "is_active"]


class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at"]


class NewTokenSerializer(serializers.Serializer):
    """`expires_at` empty never expires."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=["read", "write"]), min_length=1)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class MadeTokenSerializer(TokenSerializer):
    token = serializers.CharField(read_only=True, help_text="Shown once")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]


class AuditSerializer(serializers.ModelSerializer):
    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "actor_id", "actor_name", "actor_kind", "action", "subject_kind", "subject_id", "subject_name",
            "detail", "address",
        ]  # fmt: skip
