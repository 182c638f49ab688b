"""Incidents for programs: the same verbs as the portal."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.rules import is_support
from core.api.idempotency import once
from core.api.if_match import version_read
from core.errors import NotAllowed
from core.http.now import request_now
from incidents.api import clock_serializers, rows, serializers
from incidents.api.serializers import reads_inside
from incidents.choices import Source, Visibility
from incidents.domain.edit import edit
from incidents.domain.opening import open_incident
from incidents.domain.verbs import INPUTS, perform
from incidents.filters import IncidentFilter
from incidents.models import Incident
from incidents.queries import party_time
from incidents.queries.bars import to_client
from incidents.queries.detail import alerts_of_row
from incidents.queries.explain import explained
from incidents.queries.timeline import deciding
from incidents.queries.visible import by_ref, entries_visible_to, incidents_listed_to
from incidents.rules import OUTSIDE_VERBS, can_report, can_work, may

NEWEST_FIRST = ("-opened_at", "-pk")


class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Incidents by reference (INC-1042), newest first."""

    serializer_class = serializers.IncidentSerializer
    queryset = Incident.objects.none()
    filterset_class = IncidentFilter
    lookup_field = "ref"
    lookup_value_regex = r"[A-Za-z]{2,4}-\d{1,18}"
    keyset = NEWEST_FIRST
    page_reader: Callable[[Any], Any] = staticmethod(rows.read)

    def get_queryset(self) -> Any:
        return incidents_listed_to(self.request.user)

    @extend_schema(description="Incidents by reference (INC-1042), newest first.")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(rows.said(found, self.get_serializer_context()))

    def get_object(self) -> Incident:
        found = get_object_or_404(whole(by_ref(self.request.user, self.kwargs["ref"])))
        self.check_object_permissions(self.request, found)
        return found

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._answer(self.get_object())

    @extend_schema(request=serializers.NewIncidentSerializer, responses={201: serializers.IncidentSerializer})
    def create(self, request: Request) -> Response:
        """Open an incident."""
        if not can_report(request.user):
            raise NotAllowed("Your role can't open incidents.")
        asked = serializers.NewIncidentSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)

        def make() -> Response:
            incident = open_incident(
                **asked.validated_data,
                source=Source.API,
                actor=actor_of(request),
                reporter=request.user,
                now=request_now(request._request),
            )
            return self._answer(self._fresh(incident), status.HTTP_201_CREATED)

        return once(request, make)

    @extend_schema(
        request=serializers.EditIncidentSerializer,
        responses=serializers.IncidentSerializer,
        parameters=[
            OpenApiParameter("If-Match", OpenApiTypes.STR, "header", description="The version read, e.g. 3")
        ],
    )
    def partial_update(self, request: Request, ref: str) -> Response:
        """Edit what it says. `If-Match` names the version that was read; an older one is refused with what changed."""
        incident = self.get_object()
        if not can_work(request.user):
            raise NotAllowed("Your role can't edit incidents.")
        version = version_read(request)
        asked = serializers.EditIncidentSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        edit(
            incident,
            actor=actor_of(request),
            now=request_now(request._request),
            changes=asked.validated_data,
            expected_version=version,
        )
        return self._answer(self._fresh(incident))

    @extend_schema(
        operation_id="incidents_verb",
        request=serializers.VerbSerializer,
        responses=serializers.IncidentSerializer,
        parameters=[OpenApiParameter("verb", OpenApiTypes.STR, "path", enum=[*INPUTS])],
    )
    @action(detail=True, methods=["post"], url_path=rf"(?P<verb>{'|'.join(INPUTS)})", url_name="verb")
    def verb(self, request: Request, ref: str, verb: str) -> Response:
        """Do a verb. Idempotent where nothing would change; needs no `If-Match`."""
        incident = self.get_object()
        if not may(request.user, verb):
            raise NotAllowed(f"Your role can't {verb} incidents.")
        asked = serializers.VerbSerializer(data=request.data, verb=verb)
        asked.is_valid(raise_exception=True)
        inputs = dict(asked.validated_data)
        if verb in OUTSIDE_VERBS and not is_support(request.user):
            inputs["visibility"] = Visibility.CLIENT
        if verb == "note":
            inputs.setdefault("text", "")
        if verb == "link":
            inputs.setdefault("url", "")
        if verb == "deliver":
            inputs.setdefault("what", "")
        if verb == "impact":
            inputs.setdefault("effect", "")
        if verb == "assign":
            inputs.setdefault("owner", request.user)

        def act() -> Response:
            perform(
                verb,
                incident,
                user=request.user,
                actor=actor_of(request),
                now=request_now(request._request),
                inputs=inputs,
            )
            return self._answer(self._fresh(incident))

        return once(request, act)

    @extend_schema(responses=serializers.EntrySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, ref: str) -> Response:
        """The lines this caller may read, newest first."""
        self.keyset, self.page_reader = ("-happened_at", "-pk"), list
        incident = self.get_object()
        lines: Any = entries_visible_to(request.user, incident).select_related("actor")
        page = self.paginate_queryset(lines)
        context = {**self.get_serializer_context(), "service_id": incident.service_id}
        return self.get_paginated_response(serializers.EntrySerializer(page, many=True, context=context).data)

    @extend_schema(responses=clock_serializers.ClockSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def clocks(self, request: Request, ref: str) -> Response:
        """The promises, as they stand."""
        incident, context = self.get_object(), self.get_serializer_context()
        known = incident.clocks.all()
        clocks = known if reads_inside(context, incident.service_id) else to_client(known)
        return Response(clock_serializers.ClockSerializer(clocks, many=True, context=context).data)

    @extend_schema(responses=clock_serializers.ExplainedSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, url_path="clocks/explain")
    def explain_clocks(self, request: Request, ref: str) -> Response:
        """Why each promise is due when it is: every stretch that counts, every pause, and whether the timeline tells the same."""
        incident, context = self.get_object(), self.get_serializer_context()
        inside = reads_inside(context, incident.service_id)
        told = explained(incident, request_now(request._request), "UTC", inside=inside)
        context["events"] = deciding(entries_visible_to(request.user, incident))
        return Response(clock_serializers.ExplainedSerializer(told, many=True, context=context).data)

    @extend_schema(responses=serializers.PartiesSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def parties(self, request: Request, ref: str) -> Response:
        """Who held the work, and how it was handed on."""
        incident = self.get_object()
        context = self.get_serializer_context()
        inside = serializers.reads_inside(context, incident.service_id)
        told = party_time.told(incident, request_now(request._request), inside=inside)
        return Response(serializers.PartiesSerializer(told, context=context).data)

    def _fresh(self, incident: Incident) -> Incident:
        return whole(Incident.objects.all()).get(pk=incident.pk)

    def _answer(self, incident: Incident, code: int = status.HTTP_200_OK) -> Response:
        return Response(
            self.get_serializer(incident).data, status=code, headers={"ETag": f'"{incident.version}"'}
        )


def whole(incidents: Any) -> Any:
    """With all that is said of one."""
    return (
        incidents.select_related("service__client", "owner", "reporter")
        .prefetch_related("clocks")
        .annotate(alerts_count=alerts_of_row())
        .defer("search")
    )
