"""Objectives, impact and planned work for programs."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.api.concurrency import IF_MATCH, refuse_if_changed, tag_of
from accounts.rules import is_support
from core.api.idempotency import once
from core.errors import NotAllowed
from core.http.now import request_now
from services import rules
from services.api import objective_serializers as serializers
from services.domain import indicators, maintenance, objectives, openslo, taking_over
from services.filters import ImpactFilter, MaintenanceFilter, ObjectiveFilter
from services.models import ImpactWindow, MaintenanceWindow, Objective
from services.queries.impact import impacts_visible_to
from services.queries.maintenance import maintenance_visible_to
from services.queries.objectives import burn_down, objectives_visible_to, rungs_of, standing_of
from services.queries.visible import services_visible_to


class _WithServices(viewsets.GenericViewSet):
    """Serializers name only services that the caller sees, and people only to support."""

    def get_serializer_context(self) -> dict[str, Any]:
        request = self.request
        return {
            **super().get_serializer_context(),
            "services": services_visible_to(request.user),
            "inside": is_support(request.user),
        }


class ObjectiveViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _WithServices):
    """Objectives by slug. Leads make and edit them; programs post what they count."""

    serializer_class = serializers.ObjectiveSerializer
    queryset = Objective.objects.none()
    filterset_class = ObjectiveFilter
    lookup_field = "slug"
    keyset = ("name", "pk")

    def get_queryset(self) -> QuerySet[Objective]:
        return objectives_visible_to(self.request.user).select_related("service__client", "model", "owner")

    @extend_schema(responses={201: serializers.ObjectiveSerializer})
    def create(self, request: Request) -> Response:
        """Make an objective. Its service and what it counts stay."""
        self._leads_only()

        def make() -> Response:
            asked = self.get_serializer(data=request.data)
            asked.is_valid(raise_exception=True)
            made = objectives.create(
                Objective(**asked.validated_data),
                actor=actor_of(request),
                now=request_now(request._request),
            )
            return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, make)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # The tag first: an edit between the two makes the copy newer than its tag, never older.
        tag = tag_of("objective", self.get_object().pk)
        response = super().retrieve(request, *args, **kwargs)
        response["ETag"] = tag
        return response

    @extend_schema(parameters=[IF_MATCH], responses=serializers.ObjectiveSerializer)
    @transaction.atomic
    def partial_update(self, request: Request, slug: str = "") -> Response:
        """Edit it; `is_active: false` switches it off. With `If-Match`, an edit of an older copy is refused."""
        found = self.get_object()
        self._leads_only()
        Objective.objects.select_for_update(no_key=True).get(pk=found.pk)
        refuse_if_changed(request, "objective", found.pk)
        found = self.get_object()
        asked = self.get_serializer(found, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changes = {
            name: value for name, value in asked.validated_data.items() if getattr(found, name) != value
        }
        edited = objectives.edit(found, changes, actor=actor_of(request), now=request_now(request._request))
        response = Response(self.get_serializer(edited).data)
        response["ETag"] = tag_of("objective", edited.pk)
        return response

    @extend_schema(
        request=serializers.SamplesSerializer, responses={201: serializers.RecordedSerializer}, filters=False
    )
    @action(detail=True, methods=["post"])
    def samples(self, request: Request, slug: str) -> Response:
        """Add what was measured. Posts add up: send an `Idempotency-Key`, so that a repeated post counts once."""
        objective = self.get_object()
        if not rules.can_measure(request.user):
            raise NotAllowed("What objectives count is posted by support and by programs that measure.")
        asked = serializers.SamplesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)

        def add() -> Response:
            done = indicators.add(objective, asked.read, now=request_now(request._request))
            return Response(serializers.RecordedSerializer(done).data, status=status.HTTP_201_CREATED)

        return once(request, add)

    @extend_schema(responses=serializers.StandingSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def standing(self, request: Request, slug: str) -> Response:
        """How its budget stands now, how it went day by day, how fast it burns."""
        objective, now = self.get_object(), request_now(request._request)
        found = standing_of(objective, now)
        told = {
            "state": str(found.state),
            "unit": "seconds" if objective.counts_time else "events",
            "standing": found,
            "course": burn_down(objective, found),
            "rungs": rungs_of(objective, now),
        }
        return Response(serializers.StandingSerializer(told).data)

    @extend_schema(responses={(200, "application/yaml"): OpenApiTypes.STR}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, url_path="openslo", url_name="openslo")
    def as_openslo(self, request: Request, slug: str) -> HttpResponse:
        """The objective and its service as OpenSLO documents."""
        return HttpResponse(
            openslo.write([self.get_object()]), content_type="application/yaml; charset=utf-8"
        )

    @extend_schema(
        request=serializers.OpenSLOSerializer, responses=serializers.TakenSerializer, filters=False
    )
    @action(detail=False, methods=["post"], url_path="openslo", url_name="take-over", pagination_class=None)
    def take_over(self, request: Request) -> Response:
        """What OpenSLO documents would make and change; with `apply` it is done, all of it or nothing. Leads."""
        self._leads_only()
        asked = serializers.OpenSLOSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        text, services = asked.validated_data["documents"], services_visible_to(request.user)

        def act() -> Response:
            if asked.validated_data["apply"]:
                steps = taking_over.take_over(
                    text, services, actor=actor_of(request), now=request_now(request._request)
                )
            else:
                steps = taking_over.preview(text, services)
            told = {"applied": asked.validated_data["apply"], "steps": steps}
            return Response(serializers.TakenSerializer(told).data)

        return once(request, act)

    def _leads_only(self) -> None:
        if not rules.can_set_objectives(self.request.user):
            raise NotAllowed("Only leads make and edit objectives.")


class ImpactViewSet(viewsets.ReadOnlyModelViewSet):
    """When services failed their users, newest first. Said by `POST /api/v1/incidents/{ref}/impact/`."""

    serializer_class = serializers.ImpactSerializer
    queryset = ImpactWindow.objects.none()
    filterset_class = ImpactFilter
    keyset = ("-starts_at", "-pk")
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[ImpactWindow]:
        return impacts_visible_to(self.request.user).select_related("service")


class MaintenanceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, _WithServices):
    """Planned work, the latest first. Support plans it."""

    serializer_class = serializers.MaintenanceSerializer
    queryset = MaintenanceWindow.objects.none()
    filterset_class = MaintenanceFilter
    keyset = ("-starts_at", "-pk")
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[MaintenanceWindow]:
        return maintenance_visible_to(self.request.user)

    @extend_schema(responses={201: serializers.MaintenanceSerializer})
    def create(self, request: Request) -> Response:
        """Plan work. Services by slug; times with their zone. `announced`: the clients know already."""
        self._planners_only()
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)

        def make() -> Response:
            values = dict(asked.validated_data)
            window = maintenance.plan(
                values.pop("services"), **values, actor=actor_of(request), now=request_now(request._request)
            )
            return Response(self._told(window), status=status.HTTP_201_CREATED)

        return once(request, make)

    @extend_schema(request=None, responses=serializers.MaintenanceSerializer, filters=False)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str = "") -> Response:
        """It won't be; what is under way ends now."""
        return self._do(request, maintenance.cancel)

    @extend_schema(request=None, responses=serializers.MaintenanceSerializer, filters=False)
    @action(detail=True, methods=["post"])
    def announce(self, request: Request, pk: str = "") -> Response:
        """The clients were told, before it began."""
        return self._do(request, maintenance.announce)

    def _do(self, request: Request, verb: Any) -> Response:
        window = self.get_object()
        self._planners_only()

        def act() -> Response:
            verb(window, actor=actor_of(request), now=request_now(request._request))
            return Response(self._told(window))

        return once(request, act)

    def _told(self, window: MaintenanceWindow) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=window.pk)).data

    def _planners_only(self) -> None:
        if not rules.can_plan_maintenance(self.request.user):
            raise NotAllowed("Work is planned by support.")
