"""The door for machines: store first, then answer. See docs/intake.md for the answers."""

from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.errors import envelope
from core.http.client import client_address
from monitoring.domain.deliveries import receive
from monitoring.domain.integrations import find_by_key

# What is worth keeping of a post's headers; never credentials.
_KEPT_HEADERS = ("content-type", "user-agent", "content-encoding")
_MAX_HEADER = 300


class TooLargeError(Exception):
    """The post is larger than we take."""


class IntakeView(APIView):
    """Takes a post for the integration whose key stands in the URL; the key is the credential."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    @extend_schema(
        operation_id="intake",
        tags=["intake"],
        auth=[],
        request={"application/json": OpenApiTypes.OBJECT},
        responses={
            202: OpenApiResponse(
                {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
            ),
            413: OpenApiResponse(description="Larger than MAINSTAY_INTAKE_MAX_BYTES"),
            503: OpenApiResponse(description="Could not be stored; send it again"),
        },
    )
    def post(self, request: Request, source: str, key: str) -> Response:
        """202 once the post is committed; 404 for a wrong key; 413 too large; 503 when it can't be stored."""
        try:
            return _take(request, source, key)
        except TooLargeError:
            limit = settings.MAINSTAY_INTAKE_MAX_BYTES
            return Response(
                envelope("too_large", f"A post has at most {limit} bytes. Send fewer alerts in one."),
                status=413,
            )
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
    pk = receive(
        integration,
        read_limited(request._request, settings.MAINSTAY_INTAKE_MAX_BYTES),
        headers={
            name: request.headers[name][:_MAX_HEADER] for name in _KEPT_HEADERS if name in request.headers
        },
        delivery_id=_delivery_id(request),
        address=client_address(request._request),
        now=clock.now(),
    )
    return Response({"id": str(pk)}, status=202)


def read_limited(request: Any, limit: int) -> bytes:
    """The body, never reading more than `limit` bytes and one. Raises TooLargeError."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    if announced.isdigit() and int(announced) > limit:
        raise TooLargeError
    stream = request
    if not announced and request.META.get("wsgi.input_terminated"):
        # Sent in chunks, without a length: Django would take it for empty.
        stream = request.META["wsgi.input"]
    parts: list[bytes] = []
    left = limit + 1
    while left > 0:
        part = stream.read(left)
        if not part:
            break
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise TooLargeError
    return b"".join(parts)


def _delivery_id(request: Request) -> str:
    """The sender's own id of this post, so that sending it twice counts once."""
    given = request.headers.get("Idempotency-Key", "")
    return given if given.isprintable() and len(given) <= 200 else ""
