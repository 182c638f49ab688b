"""`/api/v1/handovers/`."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.actor import actor_of
from core.api.idempotency import once
from core.api.if_match import version_read
from core.http.now import request_now
from rotas.api import handover_serializers as serializers
from rotas.domain import handing
from rotas.filters import HandoverFilter
from rotas.models import Handover, HandoverItem
from rotas.queries import handovers as queries

IF_MATCH = OpenApiParameter("If-Match", OpenApiTypes.STR, "header", description="The version read, e.g. 3")
ITEM = OpenApiParameter("item", OpenApiTypes.INT, "path", description="The item's id")
_ITEM_PATH = r"items/(?P<item>\d{1,18})"


class HandoverViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Hand-overs, newest first. For support: who goes writes and publishes, who comes accepts, leads may do both."""

    queryset = Handover.objects.none()
    serializer_class = serializers.HandoverSerializer
    filterset_class = HandoverFilter
    keyset = queries.NEWEST_FIRST
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Handover]:
        rows = queries.handovers_visible_to(self.request.user)
        return rows if self.action == "list" else queries.with_items(rows)

    def get_serializer_class(self) -> Any:
        return serializers.HandoverRowSerializer if self.action == "list" else serializers.HandoverSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One, with its items; the ETag is its version."""
        return self._answer(self.get_object())

    @extend_schema(
        request=serializers.SummarySerializer,
        responses=serializers.HandoverSerializer,
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Write the summary. `If-Match` names the version that was read; an older one is refused."""
        found = self.get_object()
        version = version_read(request)
        asked = serializers.SummarySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        handing.write_summary(found, asked.validated_data["summary"], **self._said(request), version=version)
        return self._answer(self._fresh(found))

    @extend_schema(
        request=serializers.NewItemSerializer, responses={201: serializers.HandoverSerializer}, filters=False
    )
    @action(detail=True, methods=["post"])
    def items(self, request: Request, pk: str) -> Response:
        """Add an item by hand, while it is a draft."""
        found = self.get_object()
        asked = serializers.NewItemSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        section = values.pop("section")

        def act() -> Response:
            handing.add_item(found, values, section=section, **self._said(request))
            return self._answer(self._fresh(found), status.HTTP_201_CREATED)

        return once(request, act)

    @extend_schema(
        request=serializers.EditItemSerializer,
        responses=serializers.HandoverSerializer,
        parameters=[IF_MATCH, ITEM],
        operation_id="handovers_items_partial_update",
    )
    @action(detail=True, methods=["patch"], url_path=_ITEM_PATH, url_name="item")
    def item(self, request: Request, pk: str, item: str) -> Response:
        """Edit an item, while it is a draft. `If-Match` names the version of the hand-over that was read."""
        found = self.get_object()
        row = self._item(found, item)
        version = version_read(request)
        asked = serializers.EditItemSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        handing.edit_item(row, asked.validated_data, **self._said(request), version=version)
        return self._answer(self._fresh(found))

    @extend_schema(
        responses=serializers.HandoverSerializer,
        parameters=[ITEM],
        operation_id="handovers_items_destroy",
        request=None,
    )
    @item.mapping.delete
    def remove(self, request: Request, pk: str, item: str) -> Response:
        """Take an item out, while it is a draft: 200 with what is left."""
        found = self.get_object()
        handing.remove_item(self._item(found, item), **self._said(request))
        return self._answer(self._fresh(found))

    @extend_schema(
        request=None,
        responses=serializers.HandoverSerializer,
        parameters=[ITEM],
        operation_id="handovers_items_accept",
    )
    @action(detail=True, methods=["post"], url_path=rf"{_ITEM_PATH}/accept", url_name="item-accept")
    def accept_item(self, request: Request, pk: str, item: str) -> Response:
        """Take one item; with the last one the hand-over is accepted."""
        found = self.get_object()
        row = self._item(found, item)

        def act() -> Response:
            handing.accept_item(row, **self._said(request))
            return self._answer(self._fresh(found))

        return once(request, act)

    @extend_schema(request=None, responses=serializers.HandoverSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Hand it over. Items without an owner or a next action are refused, by their ids."""
        found = self.get_object()

        def act() -> Response:
            handing.publish(found, **self._said(request))
            return self._answer(self._fresh(found))

        return once(request, act)

    @extend_schema(request=None, responses=serializers.HandoverSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take all that is left."""
        found = self.get_object()

        def act() -> Response:
            handing.accept(found, **self._said(request))
            return self._answer(self._fresh(found))

        return once(request, act)

    def _said(self, request: Request) -> dict[str, Any]:
        return {"actor": actor_of(request), "now": request_now(request._request)}

    def _item(self, found: Handover, key: str) -> HandoverItem:
        return get_object_or_404(
            HandoverItem.objects.select_related("handover", "owner"), handover=found, pk=key
        )

    def _fresh(self, found: Handover) -> Handover:
        return queries.with_items(queries.handovers_visible_to(self.request.user)).get(pk=found.pk)

    def _answer(self, found: Handover, code: int = status.HTTP_200_OK) -> Response:
        data = serializers.HandoverSerializer(found, context=self.get_serializer_context()).data
        return Response(data, status=code, headers={"ETag": f'"{found.version}"'})
