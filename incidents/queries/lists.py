"""Incidents for lists: what a row needs, loaded in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, OuterRef, QuerySet, Subquery

from accounts.rules import is_support
from core.search import query
from core.ui.faces import Face
from incidents.choices import OPEN_STATES, Visibility
from incidents.models import Entry, Incident
from incidents.queries.bars import Promised, promised
from incidents.queries.visible import incidents_listed_to
from services.models import Service
from services.queries.visible import sees_internal

NEWEST_FIRST = ("-opened_at", "-pk")
_OWN_WORDS = Func(F("search"), template="COALESCE(%(expressions)s, '')", output_field=SearchVectorField())


def internal_services(user: Any) -> set[int] | None:
    """Services whose internal lines this reader may read; None for support, who reads all of them."""
    if is_support(user):
        return None
    return set(Service.objects.filter(sees_internal(user)).values_list("pk", flat=True))


def rows_visible_to(user: Any) -> QuerySet[Incident]:
    """Rows of a list, for `listed`. `client_line` is the newest line that clients may read; support reads them all."""
    rows = incidents_listed_to(user)
    if is_support(user):
        return rows
    newest = Entry.objects.filter(incident=OuterRef("pk"), visibility=Visibility.CLIENT).order_by(
        "-happened_at", "-pk"
    )
    return rows.annotate(client_line=Subquery(newest.values("text")[:1]))


@dataclass(frozen=True, slots=True)
class Listed:
    """What a row shows of an incident. `client` is "" for a service of our own, `promises` those to the client."""

    pk: int
    severity: str
    title: str
    state: str
    hold_party: str
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    last_entry: str
    client_line: str | None
    service_id: int
    service: str
    client: str
    owner: Face | None
    promises: list[Promised]

    @property
    def ref(self) -> str:
        return f"INC-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


_SHOWN = (
    "pk", "severity", "title", "state", "hold_party", "opened_at", "resolved_at", "closed_at", "last_entry",
    "service_id", "service__slug", "service__client__name", "owner_id", "owner__name", "owner__email", "owner__site__hue",
)  # fmt: skip


def listed(rows: QuerySet[Incident]) -> list[Listed]:
    """The rows as a list shows them, in their order. Two queries."""
    return made_of(list(columns(rows)))


def columns(rows: QuerySet[Incident]) -> QuerySet[Incident, Any]:
    """What `made_of` makes rows of."""
    lines = ["client_line"] if "client_line" in rows.query.annotations else []
    return rows.values_list(*_SHOWN, *lines)


def made_of(found: list[Any]) -> list[Listed]:
    """Rows from their `columns`, with their promises. One query."""
    promises = promised([each[0] for each in found])
    faces: dict[int, Face] = {}
    made = []
    for each in found:
        service_id, service, client, owner, name, email, hue = each[9:16]
        if owner is not None and owner not in faces:
            faces[owner] = Face(name or email, hue or "none")
        line = each[16] if len(each) > 16 else None
        whose = (service_id, service, client or "", faces.get(owner))
        shown: Any = (*each[:9], line, *whose, promises.get(each[0], []))
        made.append(Listed(*shown))
    return made


def searched(rows: QuerySet[Incident], words: str, *, by_index: bool = True) -> QuerySet[Incident]:
    """Those that hold all of the words, each by its beginning; all rows where nothing was typed.

    Without `by_index` the words of each row are looked at: for a few rows that were found otherwise.
    """
    wanted = query(words[:200].replace("\x00", ""))
    if wanted is None:
        return rows
    return rows.filter(search=wanted) if by_index else rows.alias(words=_OWN_WORDS).filter(words=wanted)
