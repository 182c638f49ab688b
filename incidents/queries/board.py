"""The board: open work by what it needs, soonest promise first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.compiled import Reader, compiled
from core.ui.slabar import SlaBar
from incidents.choices import OPEN_STATES, State
from incidents.models import Incident
from incidents.queries.bars import bar_of, next_clock
from incidents.queries.counts import NOBODYS, SOON
from incidents.queries.lists import (
    NEWEST_FIRST,
    Listed,
    columns,
    internal_services,
    listed,
    made_of,
    rows_visible_to,
)
from services.choices import Party

VIEWS = ("open", "mine", "nobodys", "due", "resolved", "all")
# A row has some 1.6 kB; a page stays below 150 kB.
GROUPED_AT_MOST = 75


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the board. Its verbs lie below `url`."""

    incident: Listed
    url: str
    bar: SlaBar | None
    last: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that need the same kind of thing."""

    label: str
    rows: list[Row]


def of_view(rows: QuerySet[Incident], view: str, user: Any, soon: datetime) -> QuerySet[Incident]:
    """What belongs to a tab; what is due by `soon` is due."""
    if view == "all":
        return rows
    if view == "resolved":
        return rows.filter(state__in=[State.RESOLVED, State.CLOSED])
    narrowed = rows.filter(state__in=OPEN_STATES)
    tabs = {"mine": Q(owner=user.pk), "nobodys": NOBODYS, "due": Q(next_due_at__lte=soon)}
    return narrowed.filter(tabs[view]) if view in tabs else narrowed


def soonest_first(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Next promise first; what has none last, worst first among equals."""
    return rows.order_by(F("next_due_at").asc(nulls_last=True), "severity", "opened_at", "pk")


# Of support only. An outsider's rows are found by the keys of their services, and of a key that is given later the database does
# not know how rare it is: it would look through everybody's incidents for the few of a new client.


def whole_view(user: Any, view: str, now: datetime) -> list[Listed]:
    """Support's tab without filters that `grouped` is to group, soonest promise first. Two queries."""
    return made_of(_of_view(user, now + SOON, view=view, soonest=True, count=GROUPED_AT_MOST))


def newest_of_view(user: Any, view: str, now: datetime, count: int) -> list[Listed]:
    """The newest so many of support's tab without filters. Two queries."""
    return made_of(_of_view(user, now + SOON, view=view, soonest=False, count=count))


@compiled
def _of_view(
    reader: Reader, soon: datetime, *, view: str, soonest: bool, count: int
) -> QuerySet[Incident, Any]:
    rows = of_view(rows_visible_to(reader), view, reader, soon)
    return columns(soonest_first(rows) if soonest else rows.order_by(*NEWEST_FIRST))[:count]


def as_rows(incidents: QuerySet[Incident], user: Any, now: datetime, zone: str) -> list[Row]:
    """Rows of these incidents with their bar, in the queryset's order."""
    return rows_of(listed(incidents), user, now, zone)


def rows_of(incidents: Iterable[Listed], user: Any, now: datetime, zone: str) -> list[Row]:
    """Rows with their bar. Who reads no internal lines gets the newest line that clients may read."""
    inside, board = internal_services(user), reverse("incidents:board")
    made = []
    for incident in incidents:
        clock = next_clock(incident.promises)
        reads_all = inside is None or incident.service_id in inside
        made.append(
            Row(
                incident=incident,
                url=f"{board}{incident.ref}/",
                bar=bar_of(clock, now, zone) if clock else None,
                last=incident.last_entry if reads_all else incident.client_line or "",
                waits_for=_party(incident.hold_party) if incident.state == State.ON_HOLD else "",
            )
        )
    return made


def _party(code: str) -> str:
    """Whom a hold waits for, in words; a code that is none as it is."""
    return str(Party(code).label) if code in Party.values else code


def grouped(rows: Iterable[Row]) -> list[Group]:
    """By what a row needs; groups without rows are left out."""
    groups: dict[str, list[Row]] = {"someone": [], "hand": [], "others": [], "confirm": []}
    for row in rows:
        groups[_need(row.incident)].append(row)
    labels = {
        "someone": _("Needs someone"),
        "hand": _("In hand"),
        "others": _("Waiting on others"),
        "confirm": _("Mitigated, to confirm"),
    }
    return [Group(labels[name], found) for name, found in groups.items() if found]


def _need(incident: Listed) -> str:
    if incident.state == State.ON_HOLD:
        return "others"
    if incident.state == State.MITIGATED:
        return "confirm"
    if incident.state == State.NEW or incident.owner is None:
        return "someone"
    return "hand"
