"""`/api/v1/contact-points/`."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.actor import actor_of
from core.api.idempotency import once
from core.http.now import request_now
from notifications.api.serializers import (
    AddedContactPointSerializer,
    CodeSerializer,
    ContactPointSerializer,
    NewContactPointSerializer,
)
from notifications.domain import contacts, verifying
from notifications.filters import ContactPointFilter
from notifications.models import ContactPoint
from notifications.queries import contacts as queries


class ContactPointViewSet(ReadOnlyModelViewSet):
    """Your own further addresses. Each is used once it is verified by a code that is sent through it."""

    queryset = ContactPoint.objects.none()
    serializer_class = ContactPointSerializer
    filterset_class = ContactPointFilter
    keyset = ("pk",)
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[ContactPoint]:
        return queries.contacts_of(self.request.user)

    @extend_schema(request=NewContactPointSerializer, responses={201: AddedContactPointSerializer})
    def create(self, request: Request) -> Response:
        """Add an address and have a code sent through it."""
        wanted = NewContactPointSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)

        def act() -> Response:
            who = self._who(request)
            point, secret = contacts.add(request.user, **wanted.validated_data, **who)
            verifying.send_code(point, **who)
            point.secret = secret
            return Response(AddedContactPointSerializer(point).data, status=status.HTTP_201_CREATED)

        return once(request, act, unkept=("secret",))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Forget it; rules that point at it go along."""
        contacts.remove(self.get_object(), **self._who(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=ContactPointSerializer)
    @action(detail=True, methods=["post"])
    def code(self, request: Request, pk: str) -> Response:
        """Send a new code through it. Once a minute."""
        point = self.get_object()

        def act() -> Response:
            verifying.send_code(point, **self._who(request))
            return Response(ContactPointSerializer(point).data)

        return once(request, act)

    @extend_schema(request=CodeSerializer, responses=ContactPointSerializer)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Enter the code: calls may go there from now on. Five tries a code, 15 minutes."""
        wanted = CodeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        # not within `once`: a wrong try must count even though it is refused
        point = verifying.verify(self.get_object(), wanted.validated_data["code"], **self._who(request))
        return Response(ContactPointSerializer(point).data)

    @extend_schema(request=None, responses=ContactPointSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Have a message sent there that says it is a test."""
        point = self.get_object()

        def act() -> Response:
            contacts.send_test(point, **self._who(request))
            return Response(ContactPointSerializer(point).data)

        return once(request, act)

    def _who(self, request: Request) -> dict:
        return {"actor": actor_of(request), "now": request_now(request._request)}
