"""What programs read and write of boundaries, dependencies and readiness."""

from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from services.choices import Letter, Party, activity_group_choices, letter_choices, party_choices
from services.models import (
    Activity,
    Dependency,
    OperatingModelVersion,
    PartyTerms,
    ReadinessResult,
    Service,
)
from services.readiness import standard


class LettersField(serializers.DictField):
    """Party → letter; a party that is left out has no part in it."""

    child = serializers.ChoiceField(choices=letter_choices())

    def to_internal_value(self, data: Any) -> Any:
        letters = super().to_internal_value(data)
        unknown = sorted(set(letters) - set(Party.values))
        if unknown:
            known = ", ".join(Party.values)
            raise serializers.ValidationError(f"{', '.join(unknown)[:80]} is no party. Known: {known}.")
        return letters

    def to_representation(self, value: Any) -> Any:
        return {str(party): str(Letter(letter)) for party, letter in value.items()}


class ActivitySerializer(serializers.ModelSerializer):
    """A row of the matrix; `letters` are the template's."""

    letters = LettersField(required=False, help_text="Of the template, by party: R, A, RA, C or I")

    class Meta:
        model = Activity
        fields = ["slug", "name", "group", "position", "help", "needs_runbook", "letters"]

    def to_representation(self, activity: Activity) -> dict[str, Any]:
        said = {name: getattr(activity, name) for name in self.Meta.fields if name != "letters"}
        # prefetched: `template_rows` are those of no service
        rows = sorted(activity.template_rows, key=lambda row: Party.values.index(row.party))
        return {**said, "letters": {row.party: row.letter for row in rows}}


class EvidenceSerializer(serializers.Serializer):
    key = serializers.CharField(max_length=40)
    label = serializers.CharField(max_length=120)
    required = serializers.BooleanField(default=False)


class PartyTermsSerializer(serializers.ModelSerializer):
    """Where a party's work begins and ends; without a service it is the template."""

    service = serializers.SlugRelatedField(
        slug_field="slug", queryset=Service.objects.all(), required=False, allow_null=True
    )
    team = serializers.SlugRelatedField(
        slug_field="slug", queryset=Team.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = PartyTerms
        fields = [
            "id", "party", "service", "team", "authority", "scope_in", "scope_out", "entry", "evidence", "timebox_minutes",
            "out_of_hours", "hands_to", "return_path",
        ]  # fmt: skip
        validators: list[Any] = []  # they know no row without a service: see below

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        before = self.instance
        party = fields.get("party", getattr(before, "party", ""))
        service = fields.get("service", getattr(before, "service", None))
        others = PartyTerms.objects.filter(party=party, service=service)
        if others.exclude(pk=getattr(before, "pk", None)).exists():
            raise serializers.ValidationError({"party": "Its terms are there already: change those."})
        hands_to = fields.get("hands_to", getattr(before, "hands_to", ""))
        if hands_to and hands_to == party:
            raise serializers.ValidationError({"hands_to": "A party doesn't hand on to itself."})
        minutes = fields.get("timebox_minutes")
        if minutes is not None and not 1 <= minutes <= 10_080:
            raise serializers.ValidationError({"timebox_minutes": "1 to 10080 minutes, or null."})
        return fields


class DependencySerializer(serializers.ModelSerializer):
    """`downstream` takes something from `upstream`."""

    upstream = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.all())
    downstream = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.all())

    class Meta:
        model = Dependency
        fields = ["id", "upstream", "downstream", "kind", "critical", "note"]

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        before = self.instance
        upstream = fields.get("upstream", getattr(before, "upstream", None))
        downstream = fields.get("downstream", getattr(before, "downstream", None))
        if upstream == downstream:
            raise serializers.ValidationError({"downstream": "A service can't depend on itself."})
        return fields


class DutySerializer(serializers.Serializer):
    activity = serializers.CharField(source="slug")
    name = serializers.CharField()
    group = serializers.ChoiceField(choices=activity_group_choices())
    needs_runbook = serializers.BooleanField()
    own = serializers.BooleanField(help_text="The service's own row, not the template's")
    letters = LettersField()


class PartyBoundsSerializer(serializers.Serializer):
    party = serializers.ChoiceField(choices=party_choices())
    team = serializers.CharField(source="team_name")
    authority = serializers.ListField(child=serializers.CharField())
    scope_in, scope_out, entry = serializers.CharField(), serializers.CharField(), serializers.CharField()
    evidence = EvidenceSerializer(many=True)
    timebox_minutes = serializers.IntegerField(source="timebox", allow_null=True)
    out_of_hours = serializers.CharField()
    hands_to = serializers.CharField()
    return_path = serializers.CharField()
    own = serializers.BooleanField()


class BoundaryProblemSerializer(serializers.Serializer):
    code, sentence = serializers.CharField(), serializers.CharField()
    activity, party = serializers.CharField(), serializers.CharField()


class BoundariesSerializer(serializers.Serializer):
    """Who does what for a service, where each party's work ends, and what is left open (for support)."""

    duties = DutySerializer(many=True)
    parties = PartyBoundsSerializer(many=True)
    problems = BoundaryProblemSerializer(many=True)


class SetLettersSerializer(serializers.Serializer):
    """Activities that change: their letters by party, or null for the template's."""

    letters = serializers.DictField(child=LettersField(allow_null=True), allow_empty=False)


class OperatingModelVersionSerializer(serializers.ModelSerializer):
    published_by = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = OperatingModelVersion
        fields = ["id", "number", "note", "published_at", "published_by"]


class WholeOperatingModelSerializer(OperatingModelVersionSerializer):
    """With the copy of everything that held then."""

    snapshot = serializers.JSONField(read_only=True)

    class Meta(OperatingModelVersionSerializer.Meta):
        fields = [*OperatingModelVersionSerializer.Meta.fields, "snapshot"]


class PublishSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=300)


class ReadinessSerializer(serializers.ModelSerializer):
    """How a service stands to one standard. Only who mends it, and by when, is written."""

    service = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    label = serializers.SerializerMethodField(help_text="What the standard is called")
    how_to_fix = serializers.SerializerMethodField()
    owner = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = ReadinessResult
        fields = [
            "id", "service", "standard", "label", "state", "evidence", "how_to_fix", "since", "checked_at", "owner", "due",
        ]  # fmt: skip

    def get_label(self, result: ReadinessResult) -> str:
        known = standard(result.standard)
        return str(known.label) if known else result.standard

    def get_how_to_fix(self, result: ReadinessResult) -> str:
        known = standard(result.standard)
        return str(known.how_to_fix) if known else ""


class TakeOnSerializer(serializers.Serializer):
    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    due = serializers.DateField(required=False, allow_null=True)
