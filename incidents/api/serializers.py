"""Incidents as programs read and write them."""

from collections.abc import Mapping
from typing import Any, Protocol

from rest_framework import serializers

from accounts.models import Team
from core.api.plain import plain
from core.errors import Invalid
from core.validators import validate_past
from incidents.api.clock_serializers import ClockSerializer
from incidents.choices import (
    Impact,
    Urgency,
    Visibility,
    felt_choices,
    sayable_resolution_choices,
)
from incidents.domain.verbs import INPUTS
from incidents.models import Clock, Entry, HandOff, Incident
from incidents.models.incident import MAX_SUMMARY
from incidents.queries.bars import to_client
from incidents.queries.lists import internal_services
from incidents.queries.owners import owners
from incidents.queries.timeline import address_of
from rotas.queries.visible import callable_people
from services.choices import Party, afterwards_choices, severity_choices
from services.models import ModelVersion, Service
from services.queries.visible import services_visible_to

# What is written of neighbours and by what path it is reached, in lists.
NEIGHBOURS = {
    "service": "service__slug",
    "client": "service__client__slug",
    "owner": "owner__email",
    "reporter": "reporter__email",
}
# What `unsaid` leaves out for readers outside the team.
INTERNAL = ("severity_reason", "resolution_note", "last_entry")


def reads_inside(context: dict[str, Any], service_id: int) -> bool:
    """Whether this caller reads internal words of that service's incidents; asked once a request."""
    if "inside" not in context:
        context["inside"] = internal_services(context["request"].user)
    return context["inside"] is None or service_id in context["inside"]


class IncidentSerializer(serializers.ModelSerializer):
    """`version` is what `If-Match` of an edit names. What is said inside the team is empty for others."""

    ref = serializers.CharField(read_only=True)
    service = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    client = serializers.SlugRelatedField(
        slug_field="slug", source="service.client", read_only=True, allow_null=True
    )
    owner = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    reporter = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    alerts = serializers.IntegerField(
        source="alerts_count", read_only=True, help_text="How many belong to it"
    )
    clocks = ClockSerializer(many=True, read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = [
            "ref", "title", "summary", "state", "severity", "impact", "urgency", "severity_reason", "service", "client", "source",
            "owner", "reporter", "party", "hold_party", "hold_reason", "resolution", "resolution_note", "started_at",
            "detected_at", "opened_at", "acknowledged_at", "mitigated_at", "resolved_at", "closed_at", "reopened_count",
            "next_due_at", "last_entry", "version", "clocks", "alerts", "url",
        ]  # fmt: skip

    def to_representation(self, instance: Incident) -> dict[str, Any]:
        clocks = self.fields["clocks"]
        others: dict[str, Any] = {
            **_neighbours(instance),
            "clocks": clocks.to_representation(self._promises(instance)),
            "alerts": instance.alerts_count,  # type: ignore[attr-defined]
            "url": url_of(instance.pk, self.context),
        }
        said = plain(instance, (name for name in self.Meta.fields if name not in others)) | others
        said = {name: said[name] for name in self.Meta.fields}
        return unsaid(said, instance, self.context)

    def _promises(self, incident: Incident) -> list[Clock]:
        """Outsiders read what is promised to the client."""
        known = list(incident.clocks.all())
        return known if reads_inside(self.context, incident.service_id) else to_client(known)

    def get_url(self, incident: Incident) -> str:
        return url_of(incident.pk, self.context)


class Reported(Protocol):
    """Of an incident what decides over the words its reader gets."""

    @property
    def service_id(self) -> int: ...

    @property
    def reporter_id(self) -> int | None: ...


def unsaid(said: dict[str, Any], incident: Reported, context: dict[str, Any]) -> dict[str, Any]:
    """What is said of an incident, without what this reader does not read of it."""
    if reads_inside(context, incident.service_id):
        return said
    said |= dict.fromkeys(INTERNAL, "")
    if incident.reporter_id != context["request"].user.pk:
        said["reporter"] = None
    return said


def url_of(pk: int, context: dict[str, Any]) -> str:
    """Where an incident is read in the portal."""
    if "board_url" not in context:
        request = context.get("request")
        context["board_url"] = request.build_absolute_uri("/incidents/") if request else "/incidents/"
    return f"{context['board_url']}INC-{pk}/"


def _neighbours(instance: Incident) -> dict[str, str | None]:
    service = instance.service
    return {
        "service": service.slug,
        "client": service.client.slug if service.client else None,
        "owner": instance.owner.email if instance.owner else None,
        "reporter": instance.reporter.email if instance.reporter else None,
    }


class NewIncidentSerializer(serializers.Serializer):
    """Give impact and urgency (the matrix makes the severity), or a severity."""

    service = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.none())
    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_SUMMARY)
    impact = serializers.ChoiceField(choices=Impact.choices, required=False, default="")
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False, default="")
    severity = serializers.ChoiceField(choices=severity_choices(), required=False, default="")
    severity_reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    started_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, validators=[validate_past]
    )
    detected_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, validators=[validate_past]
    )

    def get_fields(self) -> Any:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["service"].queryset = services_visible_to(request.user).select_related(
                "owning_team__lead", "client", "agreement"
            )
        return fields


class EditIncidentSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=200, required=False)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=MAX_SUMMARY)
    impact = serializers.ChoiceField(choices=Impact.choices, required=False)
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False)
    severity = serializers.ChoiceField(choices=severity_choices(), required=False)
    severity_reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    model_version = serializers.PrimaryKeyRelatedField(
        queryset=ModelVersion.objects.select_related("model"), required=False, allow_null=True
    )
    started_at = serializers.DateTimeField(required=False, validators=[validate_past])


class VerbSerializer(serializers.Serializer):
    """The inputs of all verbs; each takes its own (see docs/api.md)."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    party = serializers.ChoiceField(choices=Party.choices, required=False)
    resolution = serializers.ChoiceField(choices=sayable_resolution_choices(), required=False)
    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=owners(), required=False, allow_null=True
    )
    text = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    url = serializers.CharField(required=False, max_length=1_000)
    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    what = serializers.ChoiceField(
        choices=afterwards_choices(), required=False, help_text="What was delivered after the end."
    )
    team = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Team.objects.all(),
        required=False,
        allow_null=True,
        help_text="Whose it is there; the one named in the boundaries of the service where it is not given.",
    )
    evidence = serializers.DictField(
        child=serializers.CharField(max_length=2_000, allow_blank=True),
        required=False,
        help_text="What is brought along, by the keys that the party asks for: words or a link.",
    )
    effect = serializers.ChoiceField(
        choices=felt_choices(), required=False, help_text="What the service's users felt"
    )
    share = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, allow_null=True,
        help_text="While degraded: the percent of requests that failed",
    )  # fmt: skip
    starts_at = serializers.DateTimeField(required=False, allow_null=True, validators=[validate_past])
    ends_at = serializers.DateTimeField(required=False, allow_null=True, validators=[validate_past])
    step = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=100, help_text="Of the policy, from 1."
    )
    person = serializers.SlugRelatedField(
        slug_field="email",
        queryset=callable_people(),
        required=False,
        allow_null=True,
        help_text="Whom to call by name, instead of a step.",
    )

    def __init__(self, *args: Any, verb: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb = verb

    def get_fields(self) -> Any:
        """Those of the verb. What another verb takes is not looked up, so that nobody learns from the answer."""
        fields = super().get_fields()
        return {name: field for name, field in fields.items() if not self.verb or name in INPUTS[self.verb]}

    def to_internal_value(self, data: Any) -> Any:
        others = set(super().get_fields()) - set(self.fields)
        unknown = sorted(others & set(data)) if isinstance(data, Mapping) else []
        if unknown:
            takes = f"{self.verb} takes {', '.join(INPUTS[self.verb])}."
            raise Invalid(takes, fields=dict.fromkeys(unknown, "unknown"))
        return super().to_internal_value(data)


class EntrySerializer(serializers.ModelSerializer):
    """One line of the timeline. `data` is for readers inside the team: it may hold what was said beside a verb."""

    actor = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Where a line of kind link leads; empty on others")

    class Meta:
        model = Entry
        fields = [
            "id",
            "kind",
            "visibility",
            "happened_at",
            "recorded_at",
            "actor_kind",
            "actor",
            "actor_name",
            "text",
            "url",
            "data",
        ]

    def get_url(self, instance: Entry) -> str:
        return address_of(instance)

    def to_representation(self, instance: Entry) -> dict[str, Any]:
        said: dict[str, Any] = super().to_representation(instance)
        if not reads_inside(self.context, self.context["service_id"]):
            said["data"] = {}
        return said


class HeldSerializer(serializers.Serializer):
    """One stretch in which a party held the work; half-open, the last one is open while the incident is."""

    party = serializers.ChoiceField(choices=Party.choices)
    team = serializers.CharField(allow_null=True, help_text="Its slug; null for readers outside the team")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)


class PartyTotalSerializer(serializers.Serializer):
    party = serializers.ChoiceField(choices=Party.choices)
    seconds = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of the whole, from 0 to 1")


class HandOffSerializer(serializers.ModelSerializer):
    """Work given from one party to another; it waits while neither accepted nor ended."""

    from_team = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    to_team = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    by = serializers.CharField(source="by_name")
    accepted_by = serializers.CharField(source="accepted_by.name", default=None, allow_null=True)
    bounced_by = serializers.CharField(source="bounced_by.name", default=None, allow_null=True)

    class Meta:
        model = HandOff
        fields = [
            "from_party", "from_team", "to_party", "to_team", "evidence", "note", "at", "by", "accepted_at", "accepted_by",
            "bounced_at", "bounced_by", "bounce_reason", "returned_at", "ended_at",
        ]  # fmt: skip


class PartiesSerializer(serializers.Serializer):
    """Who held the work from when to when, how long in all, and how it was handed on."""

    party = serializers.ChoiceField(choices=Party.choices, help_text="Who holds it now, or held it last")
    intervals = HeldSerializer(many=True)
    totals = PartyTotalSerializer(many=True)
    hand_offs = HandOffSerializer(many=True, help_text="Empty for readers outside the team")
