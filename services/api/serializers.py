"""What programs read and write of the catalogue."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from accounts.models import Team
from core.errors import Invalid
from core.validators import validate_past
from services.choices import stage_choices
from services.domain.links import check_links
from services.models import (
    Agreement,
    BusinessCalendar,
    CalendarException,
    CalendarFrame,
    Client,
    MLModel,
    ModelVersion,
    Service,
)
from services.models.calendar import clock_face
from services.validators import validate_slug_is_free


class ClientSerializer(serializers.ModelSerializer):
    class Meta:
        model = Client
        fields = ["slug", "name", "zone", "is_active"]


class FrameSerializer(serializers.ModelSerializer):
    opens = serializers.SerializerMethodField(help_text="Local time, such as 09:30")
    closes = serializers.SerializerMethodField(help_text="Local time; 24:00 is the day's end")

    class Meta:
        model = CalendarFrame
        fields = ["weekday", "opens", "closes"]

    def get_opens(self, frame: CalendarFrame) -> str:
        return clock_face(frame.opens)

    def get_closes(self, frame: CalendarFrame) -> str:
        return clock_face(frame.closes)


class ExceptionSerializer(serializers.ModelSerializer):
    opens = serializers.SerializerMethodField(help_text="Local time; null with closes: closed all day")
    closes = serializers.SerializerMethodField()

    class Meta:
        model = CalendarException
        fields = ["date", "opens", "closes", "reason"]

    def get_opens(self, day: CalendarException) -> str | None:
        return None if day.opens is None else clock_face(day.opens)

    def get_closes(self, day: CalendarException) -> str | None:
        return None if day.closes is None else clock_face(day.closes)


class CalendarSerializer(serializers.ModelSerializer):
    frames = FrameSerializer(many=True, read_only=True)
    exceptions = ExceptionSerializer(many=True, read_only=True)

    class Meta:
        model = BusinessCalendar
        fields = ["slug", "name", "zone", "always_open", "country", "subdivision", "frames", "exceptions"]


class StretchSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    seconds = serializers.IntegerField()


class ExplanationSerializer(serializers.Serializer):
    """When so much business time is used up, and which opening hours it went through."""

    start = serializers.DateTimeField()
    seconds = serializers.IntegerField()
    due = serializers.DateTimeField()
    zone = serializers.CharField()
    stretches = StretchSerializer(many=True)


class ServiceLinkSerializer(serializers.Serializer):
    label = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=1_000)


class ServiceSerializer(serializers.ModelSerializer):
    client = serializers.SlugRelatedField(
        slug_field="slug", queryset=Client.objects.all(), required=False, allow_null=True
    )
    owning_team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.all())
    parties = serializers.SlugRelatedField(
        slug_field="slug", queryset=Team.objects.all(), many=True, required=False
    )
    agreement = serializers.SlugRelatedField(
        slug_field="slug", queryset=Agreement.objects.all(), required=False, allow_null=True
    )
    support_calendar = serializers.SlugRelatedField(
        slug_field="slug", queryset=BusinessCalendar.objects.all(), required=False, allow_null=True
    )
    links = ServiceLinkSerializer(many=True, required=False)

    class Meta:
        model = Service
        fields = [
            "slug", "name", "summary", "client", "tier", "kind", "environment", "lifecycle", "owning_team", "parties",
            "agreement", "support_calendar", "auto_resolve", "links", "created_at",
        ]  # fmt: skip
        read_only_fields = ["created_at"]

    def validate_slug(self, slug: str) -> str:
        try:
            validate_slug_is_free(slug)
        except DjangoValidationError as refusal:
            raise serializers.ValidationError(refusal.messages) from refusal
        return slug

    def validate_links(self, links: Any) -> list[dict[str, str]]:
        try:
            return check_links([dict(link) for link in links])
        except Invalid as refusal:
            raise serializers.ValidationError(refusal.message) from refusal

    # `links` is a JSON column, so DRF's guard against nested writes does not apply.
    def create(self, validated_data: dict[str, Any]) -> Service:
        parties = validated_data.pop("parties", [])
        service = Service.objects.create(**validated_data)
        service.parties.set(parties)
        return service

    def update(self, service: Service, validated_data: dict[str, Any]) -> Service:
        parties = validated_data.pop("parties", None)
        for name, value in validated_data.items():
            setattr(service, name, value)
        service.save(update_fields=list(validated_data))
        if parties is not None:
            service.parties.set(parties)
        return service


class ModelSerializer(serializers.ModelSerializer):
    service = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = MLModel
        fields = ["id", "service", "name", "task", "registry_url"]


class ModelVersionSerializer(serializers.ModelSerializer):
    service = serializers.CharField(source="model.service.slug", read_only=True)
    model = serializers.SlugRelatedField(slug_field="name", read_only=True)

    class Meta:
        model = ModelVersion
        fields = ["id", "service", "model", "version", "stage", "trained_at", "promoted_at", "notes"]


class RegisterVersionSerializer(serializers.Serializer):
    """What a pipeline says of the version it made."""

    service = serializers.SlugField()
    model = serializers.CharField(max_length=120)
    version = serializers.CharField(max_length=60)
    stage = serializers.ChoiceField(choices=stage_choices(), default="candidate")
    trained_at = serializers.DateTimeField(required=False, allow_null=True, validators=[validate_past])
    notes = serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class StageSerializer(serializers.Serializer):
    """The stage a version moves to. A new champion archives the former."""

    stage = serializers.ChoiceField(choices=stage_choices())
