"""JSON of rotas, policies and runs."""

from rest_framework import serializers

from accounts.models import User
from rotas.models import (
    Call,
    EscalationPolicy,
    EscalationRun,
    Leave,
    Override,
    PolicyStep,
    Rota,
    Shadow,
    StepTarget,
    Swap,
)
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
            "takes_over",
            "reason",
            "created_by",
            "created_at",
        ]
        read_only_fields = ["id", "created_by", "created_at"]


class ShadowSerializer(serializers.ModelSerializer):
    """`user` (an e-mail) learns beside whoever is on call: `shadow` watches, `reverse` is called as well."""

    rota = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    user = serializers.SlugRelatedField(slug_field="email", queryset=callable_people())
    created_by = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Shadow
        fields = ["id", "rota", "user", "kind", "starts_at", "ends_at", "created_by", "created_at"]
        read_only_fields = ["id", "created_at"]


class SwapSerializer(serializers.ModelSerializer):
    """`giver` gives `starts_at` to `ends_at` to `taker` (none yet: to everybody of the rota), perhaps for `back_…` in exchange."""

    rota = serializers.SlugRelatedField(slug_field="slug", queryset=Rota.objects.filter(is_active=True))
    giver = serializers.SlugRelatedField(slug_field="email", read_only=True)
    taker = serializers.SlugRelatedField(
        slug_field="email", queryset=callable_people(), allow_null=True, required=False, default=None
    )
    back_starts_at = serializers.DateTimeField(allow_null=True, required=False, default=None)
    back_ends_at = serializers.DateTimeField(allow_null=True, required=False, default=None)
    expires_at = serializers.DateTimeField(
        allow_null=True, required=False, default=None, help_text="Two days after the offer unless told."
    )
    note = serializers.CharField(max_length=160, allow_blank=True, required=False, default="")

    class Meta:
        model = Swap
        fields = [
            "id", "rota", "giver", "taker", "starts_at", "ends_at", "back_starts_at", "back_ends_at", "state", "note",
            "offered_at", "expires_at", "decided_at",
        ]  # fmt: skip
        read_only_fields = ["id", "state", "offered_at", "decided_at"]


class LeaveSerializer(serializers.ModelSerializer):
    """Somebody is away from `starts_at` to `ends_at`, half-open."""

    user = serializers.SlugRelatedField(slug_field="email", queryset=callable_people(), required=False)
    note = serializers.CharField(max_length=160, allow_blank=True, required=False, default="")
    decided_by = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Leave
        fields = [
            "id", "user", "kind", "state", "starts_at", "ends_at", "note", "asked_at", "decided_at", "decided_by",
        ]  # fmt: skip
        read_only_fields = ["id", "state", "asked_at", "decided_at", "decided_by"]


class PolicyTargetSerializer(serializers.ModelSerializer):
    rota = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    user = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    team = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = StepTarget
        fields = ["kind", "rota", "user", "team", "contact"]
        read_only_fields = fields


class PolicyStepSerializer(serializers.ModelSerializer):
    then_policy = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    targets = PolicyTargetSerializer(many=True, read_only=True)

    class Meta:
        model = PolicyStep
        fields = [
            "position", "wait_minutes", "waits_for_hours", "severities", "hours", "alerts_more_than",
            "alerts_within_minutes", "round_robin", "then_policy", "targets",
        ]  # fmt: skip
        read_only_fields = fields


class PolicySerializer(serializers.ModelSerializer):
    steps = PolicyStepSerializer(many=True, read_only=True)
    fallback = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = EscalationPolicy
        fields = ["slug", "name", "repeats", "fallback", "repage_minutes", "is_default", "is_active", "steps"]
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
