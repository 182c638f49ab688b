"""What is done to promises beside the verbs: corrections of breaches, new terms for what counts already."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.rules import is_lead
from core.api.idempotency import once
from core.errors import Invalid, NotAllowed
from core.http.now import request_now
from incidents.choices import replan_how_choices, verdict_choices
from incidents.domain import correcting, replanning
from incidents.filters import CorrectionFilter, ReplanningFilter
from incidents.models import ClockCorrection, Replanning
from incidents.queries.visible import by_ref
from incidents.rules import can_work
from services.models import Agreement, BusinessCalendar


class CorrectionSerializer(serializers.ModelSerializer):
    """A breach judged again. `breached_at` is what was counted, `verdict` what it shall count as once it is agreed to."""

    incident = serializers.CharField(source="clock.incident.ref", read_only=True)
    kind = serializers.CharField(source="clock.kind", read_only=True)
    asked_by = serializers.CharField(source="asked_by.email", read_only=True)
    decided_by = serializers.CharField(
        source="decided_by.email", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = ClockCorrection
        fields = [
            "id", "incident", "clock", "kind", "verdict", "reason", "breached_at", "state", "asked_at", "asked_by", "decided_at",
            "decided_by", "decision",
        ]  # fmt: skip


class AskCorrectionSerializer(serializers.Serializer):
    incident = serializers.CharField(help_text="INC-1042")
    clock = serializers.IntegerField(help_text="The promise’s id")
    verdict = serializers.ChoiceField(choices=verdict_choices())
    reason = serializers.CharField(max_length=500)


class DecideCorrectionSerializer(serializers.Serializer):
    agree = serializers.BooleanField()
    words = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="Needed to refuse"
    )


class CorrectionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Corrections, newest first. Support asks, another lead decides."""

    serializer_class = CorrectionSerializer
    queryset = ClockCorrection.objects.none()
    filterset_class = CorrectionFilter
    keyset = ("-asked_at", "-pk")
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> Any:
        if not can_work(self.request.user):
            return ClockCorrection.objects.none()
        return ClockCorrection.objects.select_related("clock__incident", "asked_by", "decided_by")

    @extend_schema(request=AskCorrectionSerializer, responses={201: CorrectionSerializer})
    def create(self, request: Request) -> Response:
        """Ask that a broken promise counts otherwise."""
        if not can_work(request.user):
            raise NotAllowed("Your role can't ask for corrections.")
        asked = AskCorrectionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data

        def make() -> Response:
            incident = by_ref(request.user, given["incident"]).first()
            if incident is None:
                raise Invalid("There is no such incident.", fields={"incident": "unknown"})
            made = correcting.ask(
                incident,
                given["clock"],
                actor=actor_of(request),
                now=request_now(request._request),
                verdict=given["verdict"],
                reason=given["reason"],
            )
            return Response(self._shown(made), status=status.HTTP_201_CREATED)

        return once(request, make)

    @extend_schema(request=DecideCorrectionSerializer, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str = "") -> Response:
        """Agree to it or refuse it."""
        found = self.get_object()
        asked = DecideCorrectionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = correcting.decide(
            found, actor=actor_of(request), now=request_now(request._request), **asked.validated_data
        )
        return Response(self._shown(made))

    def _shown(self, made: ClockCorrection) -> Any:
        return CorrectionSerializer(self.get_queryset().get(pk=made.pk)).data


class ReplanningSerializer(serializers.ModelSerializer):
    """New terms applied to open promises: how far it is, how many due times moved."""

    agreement = serializers.SlugRelatedField(
        slug_field="slug", queryset=Agreement.objects.all(), required=False, allow_null=True
    )
    calendar = serializers.SlugRelatedField(
        slug_field="slug", queryset=BusinessCalendar.objects.all(), required=False, allow_null=True
    )
    how = serializers.ChoiceField(choices=replan_how_choices())
    asked_by = serializers.CharField(source="asked_by.email", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Replanning
        fields = [
            "id", "agreement", "calendar", "how", "reason", "asked_at", "asked_by", "total", "done", "moved", "skipped",
            "finished_at",
        ]  # fmt: skip
        read_only_fields = ["asked_at", "total", "done", "moved", "skipped", "finished_at"]


class ReplanningViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Terms applied to what counts already, newest first. Leads."""

    serializer_class = ReplanningSerializer
    queryset = Replanning.objects.none()
    filterset_class = ReplanningFilter
    keyset = ("-asked_at", "-pk")
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> Any:
        if not is_lead(self.request.user):
            return Replanning.objects.none()
        return Replanning.objects.select_related("agreement", "calendar", "asked_by")

    @extend_schema(request=ReplanningSerializer, responses={201: ReplanningSerializer})
    def create(self, request: Request) -> Response:
        """Apply what holds now to the open promises of an agreement, or to all that a calendar counts."""
        if not is_lead(request.user):
            raise NotAllowed("Leads apply new terms to what counts.")
        asked = ReplanningSerializer(data=request.data)
        asked.is_valid(raise_exception=True)

        def make() -> Response:
            made = replanning.ask(
                actor=actor_of(request), now=request_now(request._request), **asked.validated_data
            )
            return Response(ReplanningSerializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, make)
