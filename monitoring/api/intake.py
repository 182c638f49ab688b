"""The door for machines: store first, then answer. See docs/intake.md for the answers."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest
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
from monitoring.domain.door import knows, take

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a post."""

    status: int
    said: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


_NO_DOOR = Answer(
    404, envelope("not_found", "There is no such integration. Copy its URL from the integrations page.")
)


def answer(request: HttpRequest, source: str, key: str) -> Answer:
    """202 once the post is committed; 404 for a wrong key; other refusals as in docs/intake.md."""
    try:
        return _take(request, source, key)
    except tuple(_REFUSALS) as error:
        status, code, words = _REFUSALS[type(error)]
        said = words.format(limit=settings.MAINSTAY_INTAKE_MAX_BYTES, patience=wire.PATIENCE)
        return Answer(status, envelope(code, said))
    except DatabaseFailure:
        said = "The post could not be stored. Send it again."
        return Answer(503, envelope("not_stored", said), {"Retry-After": "5"})


def _take(request: HttpRequest, source: str, key: str) -> Answer:
    if not knows(source, key):
        return _NO_DOOR
    limit = settings.MAINSTAY_INTAKE_MAX_BYTES
    sent = wire.read_limited(request, limit)
    body, unpacked = wire.unpack(sent, request.headers.get("Content-Encoding", ""), limit)
    taken = take(
        source,
        key,
        body,
        headers=wire.kept_headers(request.headers, unpacked=unpacked),
        delivery_id=wire.delivery_id(request.headers),
        address=client_address(request),
        instant=clock.in_sql(),
    )
    if taken is None:
        return _NO_DOOR
    return Answer(202, {"id": str(taken.id), **({"coalesced": True} if taken.coalesced else {})})


class AnyAccept(BaseContentNegotiation):
    """A machine gets JSON whatever it asks for: a post is never refused for its Accept header."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class IntakeView(APIView):
    """Takes a post for the integration whose key stands in the URL; the key is the credential.

    Most posts never come here: `monitoring.api.short_way` answers them the same, before the rest of the house.
    """

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
        given = answer(request._request, source, key)
        return Response(given.said, status=given.status, headers=given.headers)
