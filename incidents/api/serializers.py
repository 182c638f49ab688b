"""Incidents as programs read and write them."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from incidents.choices import Impact, Party, Resolution, Urgency, Visibility
from incidents.models import Clock, Entry, Incident
from services.choices import Severity
from services.models import ModelVersion, Service
from services.queries.visible import services_visible_to


class ClockSerializer(serializers.ModelSerializer):
    class Meta:
        model = Clock
        fields = [
            "kind", "state", "severity", "agreement_name", "target_seconds", "started_at", "due_at", "warn_at", "warned_at",
            "breached_at", "met_at", "paused_at", "left_seconds", "cycle",
        ]  # fmt: skip


class IncidentSerializer(serializers.ModelSerializer):
    """`version` is what `If-Match` of an edit names."""

    ref = serializers.CharField(read_only=True)
    service = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    owner = serializers.SlugRelatedField(slug_field="email", read_only=True)
    reporter = serializers.SlugRelatedField(slug_field="email", read_only=True)
    clocks = ClockSerializer(many=True, read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = [
            "ref", "title", "summary", "state", "severity", "impact", "urgency", "severity_reason", "service", "source",
            "owner", "reporter", "party", "hold_party", "hold_reason", "resolution", "resolution_note", "started_at",
            "detected_at", "opened_at", "acknowledged_at", "mitigated_at", "resolved_at", "closed_at", "reopened_count",
            "next_due_at", "last_entry", "version", "clocks", "url",
        ]  # fmt: skip

    def get_url(self, incident: Incident) -> str:
        path = f"/incidents/{incident.ref}/"
        request = self.context.get("request")
        return request.build_absolute_uri(path) if request else path


class NewIncidentSerializer(serializers.Serializer):
    """Give impact and urgency (the matrix makes the severity), or a severity."""

    service = serializers.SlugRelatedField(slug_field="slug", queryset=Service.objects.none())
    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(required=False, allow_blank=True, default="", max_length=20_000)
    impact = serializers.ChoiceField(choices=Impact.choices, required=False, default="")
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False, default="")
    severity = serializers.ChoiceField(choices=Severity.choices, required=False, default="")
    severity_reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    started_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    detected_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

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
    summary = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    impact = serializers.ChoiceField(choices=Impact.choices, required=False)
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False)
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    severity_reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    model_version = serializers.PrimaryKeyRelatedField(
        queryset=ModelVersion.objects.select_related("model"), required=False, allow_null=True
    )
    started_at = serializers.DateTimeField(required=False)


class VerbSerializer(serializers.Serializer):
    """The inputs of all verbs; each takes its own (see docs/api.md)."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    party = serializers.ChoiceField(choices=Party.choices, required=False)
    resolution = serializers.ChoiceField(choices=Resolution.choices, required=False)
    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    text = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)


class EntrySerializer(serializers.ModelSerializer):
    actor = serializers.SlugRelatedField(slug_field="email", read_only=True)

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
            "data",
        ]
