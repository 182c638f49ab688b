"""The board in the sidebar, what title and favicon carry, where the palette can jump."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member, is_support
from core import counts, nav
from core.pagination import Sparse, first
from core.refs import parse_ref
from incidents import rules
from incidents.models import Incident
from incidents.queries.counts import Counts, counting, read
from incidents.queries.lists import NEWEST_FIRST, searched
from incidents.queries.visible import incidents_listed_to


def counts_of(request: HttpRequest) -> Counts:
    """The counts for this request's reader, asked once with those of other rooms, however many places show them."""
    return read(counts.asked(request, "incidents:open"))


def _badge(request: HttpRequest) -> nav.Badge | None:
    known = counts_of(request)
    return (known.open, "bad" if known.major else "") if known.open else None


def _pulse(request: HttpRequest) -> nav.Pulse:
    """What nobody has acknowledged; nothing for people who don't answer calls."""
    if not is_support(request.user):
        return nav.Pulse(0)
    known = counts_of(request)
    return nav.Pulse(known.new, known.worst_new)


def _jump(incident: Incident) -> nav.Jump:
    url = reverse("incidents:detail", args=[incident.ref])
    return nav.Jump(
        incident.title, url, "alert-circle", f"{incident.ref} · {incident.severity}", kind=_("Incidents")
    )


def _jumps(request: HttpRequest, q: str) -> Iterable[nav.Jump]:
    if not q:
        if rules.can_report(request.user):
            return [nav.Jump(_("Report an incident"), reverse("incidents:new"), "plus", key="c")]
        return []
    visible = incidents_listed_to(request.user).only("title", "severity", "opened_at")
    key = parse_ref("INC", q) or (int(q) if q.isascii() and q.isdigit() and len(q) < 19 else None)
    found = list(visible.filter(pk=key)) if key else []
    if not found:
        looked_at = searched(visible, q, by_index=False)
        found = first(searched(visible, q), NEWEST_FIRST, 6, sparse=Sparse(visible, looked_at))
    return [_jump(incident) for incident in found]


counts.register_value("incidents:open", lambda asking: counting(asking.reader, asking.in_an_hour))
nav.register(
    section="Now",
    order=20,
    label=_("Board"),
    icon="list-details",
    url_name="incidents:board",
    badge=_badge,
    permission=is_member,
    key="b",
    phone=True,
    covers=("incidents",),
)
nav.register_pulse(_pulse)
nav.register_jumps(_jumps)
