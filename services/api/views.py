"""The catalogue for programs. Everything starts from what the caller may see."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.api.concurrency import IF_MATCH, refuse_if_changed, tag_of
from accounts.domain.audit import record
from core.api.idempotency import once
from core.errors import Invalid, NotAllowed
from core.http.now import request_now
from core.instants import read_instant
from services import rules
from services.api import serializers
from services.api.boundaries import BoundaryActions
from services.api.uptime import ClientUptimeMixin, ServiceUptimeMixin
from services.filters import CalendarFilter, ClientFilter, ModelFilter, ServiceFilter
from services.models import BusinessCalendar, Client, MLModel, Service
from services.queries.explain import explain
from services.queries.visible import clients_visible_to, services_visible_to


class ServiceViewSet(
    BoundaryActions,
    ServiceUptimeMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Services by slug. Leads create and edit them."""

    serializer_class = serializers.ServiceSerializer
    queryset = Service.objects.none()
    filterset_class = ServiceFilter
    lookup_field = "slug"
    keyset = ("name", "pk")
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> Any:
        visible = services_visible_to(self.request.user)
        return visible.select_related(
            "client", "owning_team", "agreement", "support_calendar"
        ).prefetch_related("parties")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._leads_only()

        def make() -> Response:
            asked = self.get_serializer(data=request.data)
            asked.is_valid(raise_exception=True)
            self._save(asked, "service.create")
            return Response(asked.data, status=status.HTTP_201_CREATED)

        return once(request, make)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # The tag first: an edit between the two makes the copy newer than its tag, never older.
        tag = tag_of("service", self.get_object().pk)
        response = super().retrieve(request, *args, **kwargs)
        response["ETag"] = tag
        return response

    @extend_schema(parameters=[IF_MATCH])
    @transaction.atomic
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Edit it. With `If-Match`, an edit of an older copy is refused with what changed since."""
        found = self.get_object()  # a stranger finds nothing, before they are told what they may not do
        self._leads_only()
        Service.objects.select_for_update(no_key=True).get(pk=found.pk)
        refuse_if_changed(request, "service", found.pk)
        return self._tagged(super().update(request, *args, **kwargs))

    def _tagged(self, response: Response) -> Response:
        service = Service.objects.only("pk").get(slug=response.data["slug"])
        response["ETag"] = tag_of("service", service.pk)
        return response

    def perform_update(self, serializer: Any) -> None:
        self._save(serializer, "service.edit")

    @transaction.atomic
    def _save(self, serializer: Any, verb: str) -> None:
        service = serializer.save()
        record(
            verb,
            actor=actor_of(self.request),
            now=request_now(self.request._request),
            subject_kind="service",
            subject_id=service.pk,
            subject_name=service.slug,
            detail={name: str(value)[:200] for name, value in serializer.validated_data.items()},
        )

    def _leads_only(self) -> None:
        if not rules.can_shape(self.request.user):
            raise NotAllowed("Only leads shape the catalogue.")


class ClientViewSet(ClientUptimeMixin, viewsets.ReadOnlyModelViewSet):
    serializer_class = serializers.ClientSerializer
    queryset = Client.objects.none()
    filterset_class = ClientFilter
    lookup_field = "slug"
    keyset = ("name", "pk")

    def get_queryset(self) -> Any:
        return clients_visible_to(self.request.user)


class _SupportOnly(viewsets.ReadOnlyModelViewSet):
    """Terms are the support organisation's; anybody else finds none."""

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        return found if rules.can_read_terms(self.request.user) else found.none()


class CalendarViewSet(_SupportOnly):
    serializer_class = serializers.CalendarSerializer
    queryset = BusinessCalendar.objects.prefetch_related("frames", "exceptions")
    filterset_class = CalendarFilter
    lookup_field = "slug"
    keyset = ("name", "pk")

    @extend_schema(
        parameters=[
            OpenApiParameter("start", str, required=True, description="ISO 8601 instant with its zone"),
            OpenApiParameter(
                "seconds", int, required=True, description="Business seconds, at most a year's worth"
            ),
        ],
        responses=serializers.ExplanationSerializer,
    )
    @action(detail=True, methods=["get"])
    def explain(self, request: Request, slug: str = "") -> Response:
        """When so much business time is used up, and the opening hours it goes through."""
        asked = request.query_params
        found = explain(
            self.get_object(),
            read_instant(asked.get("start", ""), "start"),
            _seconds(asked.get("seconds", "")),
        )
        return Response(serializers.ExplanationSerializer(found).data)


class ModelViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = serializers.ModelSerializer
    queryset = MLModel.objects.none()
    filterset_class = ModelFilter
    keyset = ("name", "pk")

    def get_queryset(self) -> Any:
        visible = services_visible_to(self.request.user)
        return MLModel.objects.filter(service__in=visible).select_related("service")


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Invalid("seconds is a whole number.", fields={"seconds": "not a number"})
    return int(text)
