"""JSON of rotas, policies and runs."""

from rest_framework import serializers

from accounts.models import User
from rotas.models import Call, EscalationPolicy, EscalationRun, Override, PolicyStep, Rota, StepTarget
from rotas.queries.visible import callable_people


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["email", "name"]
        read_only_fields = fields


class RotaSerializer(serializers.ModelSerializer):
    team = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = Rota
        fields = ["slug", "name", "level", "team", "zone", "is_active"]
        read_only_fields = fields


class OnCallSerializer(serializers.Serializer):
    """Who is on call at `at`: since when, until when (null: no change within two weeks), who follows."""

    rota = serializers.CharField(source="now.rota.slug")
    at = serializers.DateTimeField()
    people = PersonSerializer(many=True, source="now.users")
    since = serializers.DateTimeField(source="now.since")
    until = serializers.DateTimeField(source="now.until", allow_null=True)
    next_people = PersonSerializer(many=True, source="now.next_users")


class CoverSerializer(serializers.Serializer):
    """A stretch of the final schedule, half-open; no people is a gap."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    people = PersonSerializer(many=True, source="users")
    layer = serializers.IntegerField(source="layer_id", allow_null=True)
    override = serializers.IntegerField(source="override_id", allow_null=True)


class OverrideSerializer(serializers.ModelSerializer):
    """`user` covers `replaces`; without `replaces` they are added; without `user`, `replaces` is away. E-mails."""

    rota = serializers.SlugRelatedField(slug_field="slug", queryset=Rota.objects.filter(is_active=True))
    user = serializers.SlugRelatedField(
        slug_field="email", queryset=callable_people(), allow_null=True, required=False, default=None
    )
    replaces = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.all(), allow_null=True, required=False, default=None
    )
    reason = serializers.CharField(max_length=160, allow_blank=True, required=False, default="")
    created_by = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Override
        fields = [
            "id",
            "rota",
            "starts_at",
            "ends_at",
            "user",
            "replaces",
            "reason",
            "created_by",
            "created_at",
        ]
        read_only_fields = ["id", "created_by", "created_at"]


class PolicyTargetSerializer(serializers.ModelSerializer):
    rota = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    user = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    team = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = StepTarget
        fields = ["kind", "rota", "user", "team"]
        read_only_fields = fields


class PolicyStepSerializer(serializers.ModelSerializer):
    targets = PolicyTargetSerializer(many=True, read_only=True)

    class Meta:
        model = PolicyStep
        fields = ["position", "wait_minutes", "targets"]
        read_only_fields = fields


class PolicySerializer(serializers.ModelSerializer):
    steps = PolicyStepSerializer(many=True, read_only=True)
    fallback = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = EscalationPolicy
        fields = ["slug", "name", "repeats", "fallback", "is_default", "is_active", "steps"]
        read_only_fields = fields


class CallSerializer(serializers.ModelSerializer):
    """One step having happened; `round` and `step` count from 0."""

    user = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Call
        fields = ["at", "round", "step", "user", "outcome", "why"]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer):
    """One policy walked for one subject; `step` is the next to call, both counted from 0."""

    calls = CallSerializer(many=True, read_only=True)

    class Meta:
        model = EscalationRun
        fields = [
            "id", "subject_kind", "subject_id", "policy_name", "state", "step", "round", "next_at", "wait_left",
            "started_at", "ended_at", "end_reason", "terms", "calls",
        ]  # fmt: skip
        read_only_fields = fields
