"""One shape for every error: {"error": {"code", "message", "fields", …}}."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import Refused

_CODES = {
    400: "invalid", 401: "not_signed_in", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed",
    406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type", 429: "too_many_requests",
}  # fmt: skip


def envelope(code: str, message: str, fields: Any = None, **extra: Any) -> dict[str, Any]:
    """The documented shape."""
    return {"error": {"code": code, "message": message, "fields": fields or {}, **extra}}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: refusals, DRF's own errors and Django's, all in one shape."""
    if isinstance(error, Refused):
        return Response(envelope(error.code, error.message, error.fields, **error.extra), status=error.status)
    if isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(getattr(error, "message_dict", None) or error.messages)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    code = _CODES.get(response.status_code, "refused")
    if isinstance(error, exceptions.ValidationError):
        fields, message = _fields(error.detail)
        response.data = envelope(code, message, fields)
    else:
        detail = getattr(error, "detail", "")
        response.data = envelope(code, str(detail) or code.replace("_", " "))
    return response


def _fields(detail: Any) -> tuple[dict[str, str], str]:
    if isinstance(detail, dict):
        fields = {str(name): _sentence(value) for name, value in detail.items()}
        names = ", ".join(name for name in fields if name != "non_field_errors")
        return fields, f"Please correct: {names}." if names else fields.get(
            "non_field_errors", "Invalid input."
        )
    return {}, _sentence(detail)


def _sentence(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_sentence(part)}" for name, part in value.items())
    if isinstance(value, list):
        return " ".join(_sentence(part) for part in value)
    return str(value)
