"""`If-Match`: an edit says which copy was edited."""

from rest_framework.request import Request

from core.errors import Refused


class PreconditionRequired(Refused):
    """An edit without saying which copy was edited. HTTP 428."""

    status = 428
    default_code = "precondition_required"


def version_read(request: Request) -> int:
    """The version that `If-Match` names. Raises PreconditionRequired where it names none."""
    wanted = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not (wanted.isascii() and wanted.isdecimal()) or len(wanted) > 9:
        raise PreconditionRequired('Send If-Match with the version you read, for example If-Match: "3".')
    return int(wanted)
