"""`/api/v1/rotas/`, `overrides/`, `policies/`, `escalation-runs/`."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.actor import actor_of
from core.api.idempotency import once
from core.errors import Invalid
from core.http.now import request_now
from core.instants import read_instant
from rotas import rules
from rotas.api.serializers import (
    CoverSerializer,
    OnCallSerializer,
    OverrideSerializer,
    PolicySerializer,
    RotaSerializer,
    RunSerializer,
)
from rotas.domain.overrides import add_override, remove_override
from rotas.filters import OverrideFilter, PolicyFilter, RotaFilter, RunFilter
from rotas.models import EscalationPolicy, EscalationRun, Override, Rota
from rotas.queries import visible
from rotas.queries.oncall import final, who_now

LONGEST = timedelta(days=92)
WEEK = timedelta(days=7)


def _instant(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATETIME, description=description)


class RotaViewSet(ReadOnlyModelViewSet):
    """Rotas, by name. For support."""

    queryset = Rota.objects.none()
    serializer_class = RotaSerializer
    filterset_class = RotaFilter
    keyset = ("name", "pk")
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Rota]:
        return visible.rotas_visible_to(self.request.user)

    @extend_schema(
        responses=OnCallSerializer,
        parameters=[_instant("at", "With its zone; now unless told.")],
        filters=False,
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def oncall(self, request: Request, slug: str) -> Response:
        """Who is on call at an instant, since when, until when, and who follows."""
        at = _moment(request, "at") or request_now(request._request)
        (now,) = who_now(at, [self.get_object()])
        return Response(OnCallSerializer({"at": at, "now": now}).data)

    @extend_schema(
        responses=CoverSerializer(many=True),
        parameters=[
            _instant("from", "Now unless told."),
            _instant("to", "A week after `from` unless told; at most 92 days after it."),
        ],
        filters=False,
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def cover(self, request: Request, slug: str) -> Response:
        """The final schedule between two instants, without gap or overlap; nobody is said as no people."""
        start = _moment(request, "from") or request_now(request._request)
        end = _moment(request, "to") or start + WEEK
        if not start < end <= start + LONGEST:
            raise Invalid(
                "`to` lies after `from`, at most 92 days.", fields={"to": "after from, at most 92 days"}
            )
        return Response(CoverSerializer(final(self.get_object(), start, end), many=True).data)


class OverrideViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    """Who covers whom, newest start first. Leads write."""

    queryset = Override.objects.none()
    serializer_class = OverrideSerializer
    filterset_class = OverrideFilter
    keyset = ("-starts_at", "-pk")
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Override]:
        return visible.overrides_visible_to(self.request.user)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add an override. People by e-mail; times with their zone."""
        _leads_only(request)
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)

        def act() -> Response:
            made = add_override(
                **wanted.validated_data, actor=actor_of(request), now=request_now(request._request)
            )
            return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, act)

    @extend_schema(responses={200: OverrideSerializer, 204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take an override back: 204. One that has begun ends now: 200 with what is left. One that is over: 409."""
        override = self.get_object()
        _leads_only(request)
        left = remove_override(override, actor=actor_of(request), now=request_now(request._request))
        if left is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(self.get_serializer(left).data)


class PolicyViewSet(ReadOnlyModelViewSet):
    """Escalation policies with steps and targets. For support."""

    queryset = EscalationPolicy.objects.none()
    serializer_class = PolicySerializer
    filterset_class = PolicyFilter
    keyset = ("name", "pk")
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[EscalationPolicy]:
        return visible.policies_visible_to(self.request.user)


class RunViewSet(ReadOnlyModelViewSet):
    """Runs of policies with whom they called, newest first. For support."""

    queryset = EscalationRun.objects.none()
    serializer_class = RunSerializer
    filterset_class = RunFilter
    keyset = ("-pk",)
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[EscalationRun]:
        return visible.runs_visible_to(self.request.user)


def _leads_only(request: Request) -> None:
    if not rules.can_override(request.user):
        raise PermissionDenied


def _moment(request: Request, name: str) -> datetime | None:
    """An instant from the query string. Raises Invalid for one without a zone or far away."""
    raw = request.query_params.get(name, "")
    if not raw:
        return None
    return read_instant(raw, name)
