"""`/api/v1/alerts/`, `/api/v1/integrations/`, `/api/v1/deliveries/`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.actor import actor_of
from accounts.api.concurrency import IF_MATCH, refuse_if_changed, tag_of
from core.api.idempotency import once
from core.http.now import request_now
from core.types import Actor
from monitoring import rules
from monitoring.api.permissions import LEADS
from monitoring.api.serializers import (
    AlertChangeSerializer,
    AlertOccurrenceSerializer,
    AlertSerializer,
    DeliveryDetailSerializer,
    DeliverySerializer,
    IntegrationSerializer,
    RouteSerializer,
)
from monitoring.domain.alerts import route_alert
from monitoring.domain.deliveries import replay
from monitoring.domain.integrations import record_edit, rotate_key, save_new
from monitoring.filters import AlertFilter, DeliveryFilter, IntegrationFilter
from monitoring.models import Alert, Integration, RawDelivery
from monitoring.queries import alerts as alert_queries
from monitoring.queries import deliveries as delivery_queries
from monitoring.queries.storms import loads


class AlertViewSet(ReadOnlyModelViewSet):
    """Alerts, newest first: what machines say is wrong."""

    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    filterset_class = AlertFilter
    keyset = alert_queries.NEWEST_FIRST
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Alert]:
        return alert_queries.alerts_visible_to(self.request.user)

    @extend_schema(responses=AlertOccurrenceSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, keyset=("-at", "-pk"))
    def occurrences(self, request: Request, pk: str) -> Response:
        """Every reading of this alert that is still kept, newest first."""
        page = self.paginate_queryset(alert_queries.occurrences_of(self.get_object()))
        return self.get_paginated_response(AlertOccurrenceSerializer(page, many=True).data)

    @extend_schema(responses=AlertChangeSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def changes(self, request: Request, pk: str) -> Response:
        """The newest fifty transitions, newest first."""
        return Response(AlertChangeSerializer(alert_queries.changes_of(self.get_object()), many=True).data)

    @extend_schema(request=RouteSerializer, responses=AlertSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def route(self, request: Request, pk: str) -> Response:
        """Say whose an unrouted alert is."""
        alert = self.get_object()
        if not rules.can_route(request.user):
            raise PermissionDenied
        wanted = RouteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)

        def act() -> Response:
            routed = route_alert(
                alert,
                wanted.validated_data["service"],
                actor=_actor(request),
                now=request_now(request._request),
            )
            return Response(AlertSerializer(routed).data)

        return once(request, act)


class IntegrationViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    GenericViewSet,
):
    """Doors for tools, with their URLs. Switched off by `is_active`, never deleted: alerts name them."""

    queryset = Integration.objects.none()
    serializer_class = IntegrationSerializer
    filterset_class = IntegrationFilter
    permission_classes = LEADS
    keyset = ("source", "name", "pk")
    lookup_value_regex = r"\d{1,18}"
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Integration]:
        return delivery_queries.integrations_visible_to(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._shown(page, many=True))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # The tag first: an edit between the two makes the copy newer than its tag, never older.
        tag = tag_of("integration", self.get_object().pk)
        return Response(self._shown(self.get_object(), many=False), headers={"ETag": tag})

    def _shown(self, found: Any, *, many: bool) -> Any:
        """With the load of each, read at once."""
        now = request_now(self.request._request)
        context = {**self.get_serializer_context(), "loads": loads(found if many else [found], now)}
        return IntegrationSerializer(found, many=many, context=context).data

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return once(request, lambda: super(IntegrationViewSet, self).create(request, *args, **kwargs))

    def get_success_headers(self, data: Any) -> dict[str, str]:
        """None: its `url` is the door for a tool, a secret, and not where the record is read."""
        return {}

    def perform_create(self, serializer: serializers.BaseSerializer) -> None:
        values = serializer.validated_data
        values["name"] = values.get("name") or dict(serializer.fields["source"].choices)[values["source"]]
        serializer.instance = save_new(
            Integration(**values), actor=_actor(self.request), now=request_now(self.request._request)
        )

    @extend_schema(parameters=[IF_MATCH])
    @transaction.atomic
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Edit it. With `If-Match`, an edit of an older copy is refused with what changed since."""
        found = self.get_object()
        Integration.objects.select_for_update(no_key=True).get(pk=found.pk)
        refuse_if_changed(request, "integration", found.pk)
        return self._tagged(super().update(request, *args, **kwargs))

    def _tagged(self, response: Response) -> Response:
        response["ETag"] = tag_of("integration", response.data["id"])
        return response

    def perform_update(self, serializer: serializers.BaseSerializer) -> None:
        integration = serializer.save()
        record_edit(
            integration,
            fields=sorted(serializer.validated_data),
            actor=_actor(self.request),
            now=request_now(self.request._request),
        )

    @extend_schema(request=None, responses=IntegrationSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """A new key; the former URL ends now."""
        integration = self.get_object()

        def act() -> Response:
            rotated = rotate_key(integration, actor=_actor(request), now=request_now(request._request))
            return Response(IntegrationSerializer(rotated).data)

        return once(request, act)


class DeliveryViewSet(ReadOnlyModelViewSet):
    """Posts as they arrived, newest first; `?state=parked` are those that could not be read."""

    queryset = RawDelivery.objects.none()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    permission_classes = LEADS
    keyset = delivery_queries.NEWEST_FIRST
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[RawDelivery]:
        rows = delivery_queries.deliveries_visible_to(self.request.user)
        return rows.defer("body") if self.action == "list" else rows

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return DeliveryDetailSerializer if self.action == "retrieve" else DeliverySerializer

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def replay(self, request: Request, pk: str) -> Response:
        """Have a parked post read again."""
        row = self.get_object()

        def act() -> Response:
            again = replay(row, actor=_actor(request), now=request_now(request._request))
            return Response(DeliverySerializer(again).data, status=status.HTTP_202_ACCEPTED)

        return once(request, act)


def _actor(request: Request) -> Actor:
    """The account behind the request, token or session."""
    return actor_of(request)
