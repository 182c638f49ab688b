"""Optimistic concurrency for records whose every write is on the audit trail.

A record's tag is the number of the newest line about it, so nothing needs a column of its own, and what
changed since can be said by reading on from there.
"""

from typing import Any

from django.db.models import Max
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.models import AuditEntry
from core.errors import Changed

_MOST = 10
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, "header", description="The ETag of the copy that was edited"
)


def tag_of(kind: str, key: Any) -> str:
    """The ETag of a record as it stands. One query."""
    return f'"{_newest(kind, key)}"'


def refuse_if_changed(request: Request, kind: str, key: Any) -> None:
    """Raises Changed, saying what happened since, when `If-Match` names an older copy. Without it nothing is asked.

    The caller holds the record's lock.
    """
    wanted = request.headers.get("If-Match", "").strip().removeprefix("W/")
    newest = _newest(kind, key)
    if wanted in {"", "*", f'"{newest}"', str(newest)}:
        return
    since = wanted.strip('"')
    lines = AuditEntry.objects.filter(subject_kind=kind, subject_id=str(key)).order_by("-pk")
    if since.isdecimal() and len(since) < 19:
        lines = lines.filter(pk__gt=int(since))
    raise Changed(
        "It was changed meanwhile. Look at what changed, then save again.",
        extra={
            "etag": f'"{newest}"',
            "changes": [
                {
                    "at": line.at.isoformat(),
                    "by": line.actor_name,
                    "what": f"{line.action}: {', '.join(map(str, line.detail)) or 'no fields'}"[:200],
                }
                for line in lines[:_MOST]
            ],
        },
    )


def _newest(kind: str, key: Any) -> int:
    found = AuditEntry.objects.filter(subject_kind=kind, subject_id=str(key)).aggregate(newest=Max("pk"))
    return found["newest"] or 0
