"""OpenAPI: the error shape and the idempotency header, said once for every operation."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields"],
            "properties": {
                "code": {"type": "string", "description": "Stable, for programs"},
                "message": {"type": "string", "description": "A sentence that says what to do"},
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            "additionalProperties": True,
        }
    },
}


class PortalSchema(AutoSchema):
    """Adds 4xx answers in the documented shape and `Idempotency-Key` on POST."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        refusals = self._refusals()
        if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", [])):
            refusals += [("412", "Changed meanwhile; `changes` says what"), ("428", "Send If-Match")]
        for status, words in refusals:
            operation["responses"].setdefault(
                status, {"description": words, "content": {"application/json": {"schema": _ERROR}}}
            )
        if self.method == "POST" and not getattr(self.view, "no_idempotency", False):
            operation.setdefault("parameters", []).append(
                {
                    "in": "header",
                    "name": "Idempotency-Key",
                    "required": False,
                    "schema": {"type": "string", "maxLength": 200},
                    "description": "The same key with the same body answers the same, and acts once.",
                }
            )
        return operation

    def _refusals(self) -> list[tuple[str, str]]:
        found = [("400", "Invalid input"), ("401", "Not signed in"), ("403", "Not allowed")]
        if "{" in self.path:
            found.append(("404", "Not found, or not yours to see"))
        if self.method != "GET":
            found.append(("409", "Not possible from the present state"))
        return found
