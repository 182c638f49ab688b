"""Incidents for lists: what a row needs, loaded in a constant number of queries."""

from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from accounts.rules import is_support
from core.search import query
from incidents.choices import Visibility
from incidents.models import Clock, Entry, Incident
from incidents.queries.visible import incidents_listed_to
from services.choices import AgreementKind
from services.models import Service
from services.queries.visible import sees_internal

NEWEST_FIRST = ("-opened_at", "-pk")


def internal_services(user: Any) -> set[int] | None:
    """Services whose internal lines this reader may read; None for support, who reads all of them."""
    if is_support(user):
        return None
    return set(Service.objects.filter(sees_internal(user)).values_list("pk", flat=True))


def rows_visible_to(user: Any) -> QuerySet[Incident]:
    """Rows of a list. `client_line` is the newest line that clients may read."""
    newest = Entry.objects.filter(incident=OuterRef("pk"), visibility=Visibility.CLIENT).order_by(
        "-happened_at", "-pk"
    )
    promised = Clock.objects.filter(basis=AgreementKind.SLA).defer("hours", "legs", "rungs")
    rows = incidents_listed_to(user)
    if not is_support(user):
        rows = rows.annotate(client_line=Subquery(newest.values("text")[:1]))
    return (
        rows.select_related("service__client", "owner__site")
        .prefetch_related(Prefetch("clocks", promised, to_attr="all_clocks"))
        .defer("search", "summary", "resolution_note")
    )


def searched(rows: QuerySet[Incident], words: str) -> QuerySet[Incident]:
    """Those that hold all of the words, the last by its beginning; all rows where nothing was typed."""
    wanted = query(words[:200].replace("\x00", ""))
    return rows.filter(search=wanted) if wanted is not None else rows
