"""`/api/v1/messages/` and `/api/v1/outbox/`."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.actor import actor_of
from core.api.idempotency import once
from core.errors import NotAllowed
from core.http.now import request_now
from notifications import rules
from notifications.api.permissions import SUPPORT
from notifications.api.serializers import (
    AttemptSerializer,
    MarkedSerializer,
    MessageSerializer,
    OutboxSerializer,
    ReadAllSerializer,
    RulesSerializer,
)
from notifications.choices import Urgency
from notifications.domain import personal
from notifications.domain.outbox import routes_for
from notifications.domain.reading import mark_all_read, mark_read
from notifications.domain.retrying import retry
from notifications.domain.routes import Route
from notifications.filters import InboxFilter, OutboxFilter
from notifications.models import Message
from notifications.queries import messages as queries


class MessageViewSet(ReadOnlyModelViewSet):
    """Your own inbox, newest first."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    filterset_class = InboxFilter
    keyset = queries.NEWEST_FIRST
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Message]:
        return queries.inbox_of(self.request.user)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def read(self, request: Request, pk: str) -> Response:
        """Mark it as read; the first time counts."""
        message = self.get_object()

        def act() -> Response:
            return Response(MessageSerializer(mark_read(message, now=request_now(request._request))).data)

        return once(request, act)

    @extend_schema(request=ReadAllSerializer, responses=MarkedSerializer, filters=False)
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def read_all(self, request: Request) -> Response:
        """Mark everything as read, or everything up to the newest message you have seen."""
        wanted = ReadAllSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)

        def act() -> Response:
            count = mark_all_read(
                request.user, now=request_now(request._request), up_to=wanted.validated_data.get("up_to")
            )
            return Response({"marked": count})

        return once(request, act)

    @extend_schema(methods=["GET"], responses=RulesSerializer, filters=False)
    @extend_schema(methods=["PUT"], request=RulesSerializer, responses=RulesSerializer, filters=False)
    @action(detail=False, methods=["get", "put"], filterset_class=None, pagination_class=None)
    def rules(self, request: Request) -> Response:
        """How you are reached. A list that you leave out stays as it is."""
        if request.method == "PUT":
            wanted = RulesSerializer(data=request.data)
            wanted.is_valid(raise_exception=True)
            for urgency, routes in wanted.validated_data.items():
                personal.set_all(
                    request.user,
                    urgency,
                    [Route(**route) for route in routes],
                    actor=actor_of(request),
                    now=request_now(request._request),
                )
        found = {urgency: routes_for(request.user, urgency) for urgency in Urgency.values}
        return Response(RulesSerializer(found).data)


class OutboxViewSet(ReadOnlyModelViewSet):
    """What left, will leave or would have left, newest first: leads see all, responders their own."""

    queryset = Message.objects.none()
    serializer_class = OutboxSerializer
    filterset_class = OutboxFilter
    permission_classes = SUPPORT
    keyset = queries.NEWEST_FIRST
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Message]:
        return queries.outbox_visible_to(self.request.user)

    @extend_schema(responses=AttemptSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def attempts(self, request: Request, pk: str) -> Response:
        """Every attempt still kept, oldest first."""
        return Response(AttemptSerializer(queries.attempts_of(self.get_object()), many=True).data)

    @extend_schema(request=None, responses=OutboxSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def retry(self, request: Request, pk: str) -> Response:
        """Have a failed message tried again. For leads."""
        message = self.get_object()
        if not rules.can_retry(request.user):
            raise NotAllowed("Leads have failed messages tried again. Ask one.")

        def act() -> Response:
            retry(message, actor=actor_of(request), now=request_now(request._request))
            return Response(OutboxSerializer(self.get_object()).data)

        return once(request, act)
