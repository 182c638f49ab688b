"""`/api/v1/engines/`: the read model of the page of engines."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import actor_of
from accounts.api.permissions import ScopedPermission
from core.http.now import request_now
from reporting import rules
from reporting.api.serializers import EnginesSerializer
from reporting.domain.ringing import ring
from reporting.queries.engines import engines


class LeadsOnly(BasePermission):
    """Engines belong to leads."""

    message = "The engines are for leads and administrators."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return rules.can_see_engines(request.user)


class EnginesView(APIView):
    """Do the engines run, how late are they, what does not get on."""

    permission_classes = (ScopedPermission, LeadsOnly)

    @extend_schema(responses=EnginesSerializer)
    def get(self, request: Request) -> Response:
        """Every engine with its last tick, what it has waiting, and the rows that do not get on."""
        return Response(EnginesSerializer(engines(request_now(request))).data)


class RingView(APIView):
    """Wake the engines."""

    permission_classes = (ScopedPermission, LeadsOnly)
    no_idempotency = True

    @extend_schema(
        request=None,
        responses={202: OpenApiResponse(OpenApiTypes.OBJECT, description="Rung; they tick within a second")},
    )
    def post(self, request: Request) -> Response:
        """Ring every engine at once. Whoever rings twice changes nothing."""
        rung = ring(actor=actor_of(request), now=request_now(request))
        return Response({"rung": rung}, status=202)
