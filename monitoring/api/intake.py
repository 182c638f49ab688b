"""The door for machines: store first, then answer. See docs/intake.md for the answers."""

from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.errors import envelope
from core.http.client import client_address
from monitoring.api import body as wire
from monitoring.domain.deliveries import receive
from monitoring.domain.integrations import find_by_key
from monitoring.queries.storms import is_coalescing

_ANSWER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "coalesced": {
            "type": "boolean",
            "description": "Only when true: above the integration's rate; its alerts are counted together",
        },
    },
}
_REFUSALS = {
    wire.TooLargeError: (413, "too_large", "A post has at most {limit} bytes. Send fewer alerts in one."),
    wire.EncodingError: (
        415,
        "unsupported_media_type",
        "Content-Encoding may be gzip or absent. Send the post plain.",
    ),
    wire.TooSlowError: (408, "too_slow", "The body took longer than {patience:.0f} seconds. Send it again."),
    wire.BrokenOffError: (400, "broken_off", "The body broke off. Send it again."),
}


class AnyAccept(BaseContentNegotiation):
    """A machine gets JSON whatever it asks for: a post is never refused for its Accept header."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class IntakeView(APIView):
    """Takes a post for the integration whose key stands in the URL; the key is the credential."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="intake",
        tags=["intake"],
        auth=[],
        request={"application/json": OpenApiTypes.OBJECT},
        responses={
            202: OpenApiResponse(_ANSWER),
            400: OpenApiResponse(description="The body broke off"),
            408: OpenApiResponse(description="The body came too slowly"),
            413: OpenApiResponse(description="Larger than MAINSTAY_INTAKE_MAX_BYTES, as sent or unpacked"),
            415: OpenApiResponse(description="A Content-Encoding other than gzip"),
            503: OpenApiResponse(description="Could not be stored; send it again"),
        },
    )
    def post(self, request: Request, source: str, key: str) -> Response:
        """202 once the post is committed; 404 for a wrong key; other refusals as in docs/intake.md."""
        try:
            return _take(request, source, key)
        except tuple(_REFUSALS) as error:
            status, code, words = _REFUSALS[type(error)]
            said = words.format(limit=settings.MAINSTAY_INTAKE_MAX_BYTES, patience=wire.PATIENCE)
            return Response(envelope(code, said), status=status)
        except DatabaseFailure:
            return Response(
                envelope("not_stored", "The post could not be stored. Send it again."),
                status=503,
                headers={"Retry-After": "5"},
            )


def _take(request: Request, source: str, key: str) -> Response:
    integration = find_by_key(source, key)
    if integration is None:
        return Response(
            envelope("not_found", "There is no such integration. Copy its URL from the integrations page."),
            status=404,
        )
    limit = settings.MAINSTAY_INTAKE_MAX_BYTES
    sent = wire.read_limited(request._request, limit)
    body, unpacked = wire.unpack(sent, request.headers.get("Content-Encoding", ""), limit)
    now = clock.now()
    coalesced = is_coalescing(integration, now)
    pk = receive(
        integration,
        body,
        headers=wire.kept_headers(request.headers, unpacked=unpacked),
        delivery_id=wire.delivery_id(request.headers),
        address=client_address(request._request),
        now=now,
    )
    answer: dict[str, Any] = {"id": str(pk)}
    if coalesced:
        answer["coalesced"] = True
    return Response(answer, status=202)
