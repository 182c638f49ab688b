"""`/api/v1/numbers/`: the read model of the numbers page."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import ScopedPermission
from core.errors import Invalid
from core.http.now import request_now
from reporting.domain.table import json_of
from reporting.forms import NumbersForm
from reporting.queries.remembered import recent_numbers

_PARAMETERS = [
    OpenApiParameter("client", str, description="slug of a client"),
    OpenApiParameter("service", str, description="slug of a service"),
    OpenApiParameter("severity", str, description="SEV1 to SEV4"),
    OpenApiParameter("last", int, description="30, 90 or 120 days up to now"),
    OpenApiParameter("start", OpenApiTypes.DATE, description="first UTC day"),
    OpenApiParameter("end", OpenApiTypes.DATE, description="last UTC day"),
]


class NumbersView(APIView):
    """Volume, times and promises of a period beside the one before."""

    permission_classes = (ScopedPermission,)

    @extend_schema(parameters=_PARAMETERS, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The numbers of what this reader may see. 400 for a filter that names nothing of theirs."""
        form = NumbersForm(request.query_params, user=request.user, now=request_now(request))
        if not form.is_valid():
            fields = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
            raise Invalid("These filters can't be used.", fields=fields)
        return Response(json_of(recent_numbers(request.user, form.scope())))
