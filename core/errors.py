"""Refusals with a reason. Domain code raises them; every edge turns them into its own form."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A request that can't be done, said so that its reader knows what to do next.

    `code` is stable and short (for programs), `message` is a sentence (for people), `fields` names
    the inputs at fault, `extra` carries facts such as what changed meanwhile.
    """

    status = 400
    default_code = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        fields: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields = dict(fields or {})
        self.extra = dict(extra or {})


class Invalid(Refused):
    """The input is wrong; `fields` says where. HTTP 400."""

    status = 400
    default_code = "invalid"


class NotAllowed(Refused):
    """The person may see it but not do it. HTTP 403."""

    status = 403
    default_code = "not_allowed"


class IllegalState(Refused):
    """Not possible from the present state. HTTP 409."""

    status = 409
    default_code = "illegal_state"


class Changed(Refused):
    """Somebody was first: the row is newer than the copy that was edited. HTTP 412."""

    status = 412
    default_code = "changed"
