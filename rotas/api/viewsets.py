"""`/api/v1/rotas/`, `overrides/`, `policies/`, `escalation-runs/`."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.actor import actor_of
from accounts.models import User
from core.api.idempotency import once
from core.errors import Invalid
from core.http.now import request_now
from core.instants import read_instant
from rotas import rules
from rotas.api.serializers import (
    CoverSerializer,
    LeaveSerializer,
    OnCallSerializer,
    OverrideSerializer,
    PolicySerializer,
    RotaSerializer,
    RunSerializer,
    ShadowSerializer,
    SwapSerializer,
)
from rotas.domain import leaves, swaps
from rotas.domain.overrides import add_override, remove_override
from rotas.domain.shadows import enter_shadow, take_back_shadow
from rotas.filters import (
    LeaveFilter,
    OverrideFilter,
    PolicyFilter,
    RotaFilter,
    RunFilter,
    ShadowFilter,
    SwapFilter,
)
from rotas.models import EscalationPolicy, EscalationRun, Leave, Override, Rota, Shadow, Swap
from rotas.queries import cover as covered
from rotas.queries import visible
from rotas.queries.oncall import who_now

LONGEST = timedelta(days=92)
WEEK = timedelta(days=7)
SLUG = OpenApiParameter("slug", OpenApiTypes.STR, "path", description="The rota's slug")
SHADOW = OpenApiParameter("shadow", OpenApiTypes.INT, "path", description="The training's id")


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
        """Who is on call at an instant, since when, until when, and who follows; in the past, who really was."""
        present = request_now(request._request)
        at, rota = _moment(request, "at") or present, self.get_object()
        then = covered.then(rota, at) if at < present else None
        return Response(OnCallSerializer({"at": at, "now": then or who_now(at, [rota])[0]}).data)

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
        """The schedule between two instants, without gap or overlap; nobody is said as no people.

        What has passed is as it really was, whatever has become of layers and overrides since.
        """
        now = request_now(request._request)
        start = _moment(request, "from") or now
        end = _moment(request, "to") or start + WEEK
        if not start < end <= start + LONGEST:
            raise Invalid(
                "`to` lies after `from`, at most 92 days.", fields={"to": "after from, at most 92 days"}
            )
        ((_rota, found),) = covered.schedules([self.get_object()], start, end, now)
        return Response(CoverSerializer(found, many=True).data)

    @extend_schema(parameters=[SLUG], responses=ShadowSerializer(many=True))
    @action(
        detail=True,
        url_path="shadows",
        queryset=Shadow.objects.none(),
        filterset_class=ShadowFilter,
        serializer_class=ShadowSerializer,
        keyset=("-starts_at", "-pk"),
    )
    def shadows(self, request: Request, slug: str) -> Response:
        """Who is in training on the rota, newest start first."""
        rota = get_object_or_404(visible.rotas_visible_to(request.user), slug=slug)
        rows = self.filter_queryset(visible.shadows_visible_to(request.user).filter(rota=rota))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        parameters=[SLUG], request=ShadowSerializer, responses={201: ShadowSerializer}, filters=False
    )
    @shadows.mapping.post
    def enter_shadow(self, request: Request, slug: str) -> Response:
        """Enter somebody in training, who hears so. The person by e-mail; times with their zone. Leads write."""
        rota = get_object_or_404(visible.rotas_visible_to(request.user), slug=slug)
        _leads_only(request)
        wanted = ShadowSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)

        def act() -> Response:
            made = enter_shadow(
                rota, **wanted.validated_data, actor=actor_of(request), now=request_now(request._request)
            )
            return Response(ShadowSerializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, act)

    @extend_schema(parameters=[SLUG, SHADOW], responses={200: ShadowSerializer, 204: None})
    @action(
        detail=True,
        methods=["delete"],
        url_path=r"shadows/(?P<shadow>\d{1,18})",
        url_name="shadow",
        queryset=Shadow.objects.none(),
        filterset_class=None,
        serializer_class=ShadowSerializer,
    )
    def shadow(self, request: Request, slug: str, shadow: str) -> Response:
        """Take a training back: 204. One that has begun ends now: 200 with what is left. One that is over: 409."""
        found = get_object_or_404(visible.shadows_visible_to(request.user), pk=int(shadow), rota__slug=slug)
        _leads_only(request)
        left = take_back_shadow(found, actor=actor_of(request), now=request_now(request._request))
        if left is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(ShadowSerializer(left).data)


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


class SwapViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, GenericViewSet):
    """Shifts that are offered and taken, newest offer first. People offer their own; who is asked takes or declines."""

    queryset = Swap.objects.none()
    serializer_class = SwapSerializer
    filterset_class = SwapFilter
    keyset = ("-offered_at", "-pk")
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Swap]:
        return visible.swaps_visible_to(self.request.user)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Offer a stretch of one's own on-call time: to `taker` (an e-mail), or to everybody of the rota."""
        user = _who_can_be_on_call(request)
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = dict(wanted.validated_data)
        back = data.pop("back_starts_at", None), data.pop("back_ends_at", None)
        if (back[0] is None) != (back[1] is None):
            raise Invalid(
                "Name both ends of the shift in exchange.", fields={"back_ends_at": "Name both ends."}
            )

        def act() -> Response:
            made = swaps.offer_swap(
                data.pop("rota"),
                user,
                **data,
                back=back if back[0] is not None else None,
                actor=actor_of(request),
                now=request_now(request._request),
            )
            return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, act)

    @extend_schema(request=None, responses=SwapSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Take the offered shift."""
        user, swap = _who_can_be_on_call(request), self.get_object()
        done = swaps.accept_swap(swap, user, now=request_now(request._request))
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None, responses=SwapSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Say no to an offer to oneself."""
        user, swap = _who_can_be_on_call(request), self.get_object()
        done = swaps.decline_swap(swap, user, now=request_now(request._request))
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None, responses=SwapSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take an open offer back."""
        _who_can_be_on_call(request)
        done = swaps.withdraw_swap(
            self.get_object(), actor=actor_of(request), now=request_now(request._request)
        )
        return Response(self.get_serializer(done).data)

    @extend_schema(request=None, responses=SwapSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Everybody has their own shifts again."""
        _who_can_be_on_call(request)
        done = swaps.undo_swap(self.get_object(), actor=actor_of(request), now=request_now(request._request))
        return Response(self.get_serializer(done).data)


class LeaveViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, GenericViewSet):
    """Leave, soonest last. People see and ask for their own; leads see all, enter and decide."""

    queryset = Leave.objects.none()
    serializer_class = LeaveSerializer
    filterset_class = LeaveFilter
    keyset = ("-starts_at", "-pk")
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Leave]:
        return visible.leave_visible_to(self.request.user)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for leave; `user` (an e-mail) is for leads only. The shifts that it meets are in `meets`."""
        asking = _who_can_be_on_call(request)
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = dict(wanted.validated_data)
        whose = data.pop("user", None) or asking
        if whose != asking and not rules.can_plan(asking):
            raise PermissionDenied

        def act() -> Response:
            made = leaves.ask_leave(whose, **data, actor=actor_of(request), now=request_now(request._request))
            return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, act)

    @extend_schema(request=None, responses=LeaveSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve it. For leads."""
        return self._decide(request, approve=True)

    @extend_schema(request=None, responses=LeaveSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Decline it. For leads."""
        return self._decide(request, approve=False)

    @extend_schema(request=None, responses=LeaveSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take it back; what runs ends now."""
        _who_can_be_on_call(request)
        done = leaves.withdraw_leave(
            self.get_object(), actor=actor_of(request), now=request_now(request._request)
        )
        return Response(self.get_serializer(done).data)

    def _decide(self, request: Request, *, approve: bool) -> Response:
        leave = self.get_object()
        if not rules.can_plan(request.user):
            raise PermissionDenied
        done = leaves.decide_leave(
            leave, approve=approve, actor=actor_of(request), now=request_now(request._request)
        )
        return Response(self.get_serializer(done).data)


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


def _who_can_be_on_call(request: Request) -> User:
    user = request.user
    if not isinstance(user, User) or not rules.can_be_on_call(user):
        raise PermissionDenied
    return user


def _leads_only(request: Request) -> None:
    if not rules.can_override(request.user):
        raise PermissionDenied


def _moment(request: Request, name: str) -> datetime | None:
    """An instant from the query string. Raises Invalid for one without a zone or far away."""
    raw = request.query_params.get(name, "")
    if not raw:
        return None
    return read_instant(raw, name)
