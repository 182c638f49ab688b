"""The catalogue for programs. Everything starts from what the caller may see."""

from typing import Any

from django.db import transaction
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.domain.audit import record
from accounts.rules import is_lead, is_support
from core.api.idempotency import once
from core.errors import NotAllowed
from core.http.now import request_now
from services.api import serializers
from services.filters import ServiceFilter
from services.models import Agreement, BusinessCalendar, Client, MLModel, ModelVersion, Service
from services.queries.visible import clients_visible_to, services_visible_to


class ServiceViewSet(
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
        return visible.select_related("client", "owning_team", "agreement", "support_calendar")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._leads_only()

        def make() -> Response:
            asked = self.get_serializer(data=request.data)
            asked.is_valid(raise_exception=True)
            self._save(asked, "service.create")
            return Response(asked.data, status=status.HTTP_201_CREATED)

        return once(request, make)

    def perform_update(self, serializer: Any) -> None:
        self._leads_only()
        self._save(serializer, "service.edit")

    @transaction.atomic
    def _save(self, serializer: Any, action: str) -> None:
        service = serializer.save()
        record(
            action,
            actor=actor_of(self.request),
            now=request_now(self.request._request),
            subject_kind="service",
            subject_id=service.pk,
            subject_name=service.slug,
            detail={name: str(value) for name, value in serializer.validated_data.items()},
        )

    def _leads_only(self) -> None:
        if not is_lead(self.request.user):
            raise NotAllowed("Only leads shape the catalogue.")


class ClientViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = serializers.ClientSerializer
    queryset = Client.objects.none()
    lookup_field = "slug"
    keyset = ("name", "pk")

    def get_queryset(self) -> Any:
        return clients_visible_to(self.request.user)


class _SupportOnly(viewsets.ReadOnlyModelViewSet):
    """Terms are the support organisation's; anybody else finds none."""

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        return found if is_support(self.request.user) else found.none()


class AgreementViewSet(_SupportOnly):
    serializer_class = serializers.AgreementSerializer
    queryset = Agreement.objects.select_related("calendar").prefetch_related("targets")
    lookup_field = "slug"
    keyset = ("name", "pk")


class CalendarViewSet(_SupportOnly):
    serializer_class = serializers.CalendarSerializer
    queryset = BusinessCalendar.objects.all()
    lookup_field = "slug"
    keyset = ("name", "pk")


class ModelViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = serializers.ModelSerializer
    queryset = MLModel.objects.none()
    keyset = ("name", "pk")

    def get_queryset(self) -> Any:
        return MLModel.objects.filter(service__in=services_visible_to(self.request.user)).select_related(
            "service"
        )


class ModelVersionViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = serializers.ModelVersionSerializer
    queryset = ModelVersion.objects.none()
    filterset_fields = {"model__service__slug": ["exact"], "stage": ["exact"]}
    keyset = ("-pk",)

    def get_queryset(self) -> Any:
        visible = services_visible_to(self.request.user)
        return ModelVersion.objects.filter(model__service__in=visible).select_related("model__service")
