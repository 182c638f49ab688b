"""How services stand to the standards, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from core.errors import NotAllowed
from core.http.now import request_now
from services import rules
from services.api import boundary_serializers as serializers
from services.domain.readiness import take_on
from services.filters import ReadinessFilter
from services.models import ReadinessResult
from services.queries.visible import readiness_visible_to


class ReadinessViewSet(viewsets.ReadOnlyModelViewSet):
    """One row for each service and standard. PATCH says who mends what is missed, and by when."""

    serializer_class = serializers.ReadinessSerializer
    queryset = ReadinessResult.objects.none()
    filterset_class = ReadinessFilter
    keyset = ("pk",)

    def get_queryset(self) -> Any:
        return readiness_visible_to(self.request.user).select_related("service", "owner")

    @extend_schema(request=serializers.TakeOnSerializer, responses=serializers.ReadinessSerializer)
    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Take it on, or give it to somebody. Only what is missed can be."""
        found = self.get_object()
        if not rules.can_mend(request.user):
            raise NotAllowed("Your role may not do this.")
        asked = serializers.TakeOnSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        take_on(
            found,
            owner=given.get("owner", found.owner),
            due=given.get("due", found.due),
            actor=actor_of(request),
            now=request_now(request._request),
        )
        return Response(self.get_serializer(self.get_object()).data)
