"""The operations room: the home of the portal."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.rules import is_support
from core import watch
from core.heartbeat import Heartbeat, heartbeat
from core.http.now import request_now
from incidents.nav import counts_of
from notifications.rules import can_see_outbox
from reporting import links, nav
from reporting.queries import room as queries
from reporting.rules import can_see_engines
from reporting.types import Figures
from rotas.queries.ahead import gaps_ahead
from rotas.queries.handovers import waiting as waiting_handovers
from rotas.queries.now import site_shifts
from rotas.queries.oncall import rotas_in_use
from rotas.rules import can_see_rotas


@require_GET
def room(request: HttpRequest) -> HttpResponse:
    """Who is on call, what is open, what is due, how each service is; the answer to a poll is the region alone."""
    now = request_now(request)
    support = is_support(request.user)
    figures = queries.figures(counts_of(request), nav.paged(request) if support else None)
    zone = str(getattr(request.user, "zone", "") or "UTC")
    live = bool(request.headers.get("X-Live"))
    rotas = rotas_in_use() if support and not live else None
    context = {
        "now": now,
        "support": support,
        "figures": _figures(figures, links.outbox() if can_see_outbox(request.user) else ""),
        "open_total": sum(figures.by_severity.values()),
        "incidents": queries.open_incidents(request.user),
        "promises": queries.promises(request.user, now, zone),
        "tiles": queries.tiles(request.user, now),
        "late": watch.late_now(now) if support else [],
        "heartbeat": _silent_heartbeat(now) if support else None,
        "can_see_engines": can_see_engines(request.user),
        "gaps": gaps_ahead(now, rotas=rotas) if can_see_rotas(request.user) else [],
        "coverage_url": links.coverage(),
        "board_url": links.board(),
        "fresh": figures.unacknowledged > 0,
    }
    if live:
        return render(request, "reporting/_room.html", context)
    context["shifts"] = site_shifts(now, rotas=rotas) if rotas is not None else []
    context["handovers"] = waiting_handovers(request.user) if support else []
    return render(request, "reporting/room.html", context)


def _silent_heartbeat(now: datetime) -> Heartbeat | None:
    """The heartbeat, where those outside have heard nothing for a while."""
    known = heartbeat(now)
    return known if known.is_silent(now) else None


def _figures(found: Figures, outbox: str) -> list[dict[str, object]]:
    """Each number with what it counts and the list behind it."""
    rows = [
        _figure(count, "", links.board(severity=severity), sev=severity)
        for severity, count in found.by_severity.items()
    ]
    rows.append(_figure(found.unacknowledged, _("unacknowledged"), links.board(state="new")))
    rows.append(_figure(found.due_soon, _("promises due within 1 h"), links.board(view="due")))
    if found.paged is not None:
        was = _("was %(n)d") % {"n": found.paged_before or 0}
        rows.append(_figure(found.paged, _("paged in the last 24 h"), outbox, small=was, phone=False))
    return rows


def _figure(
    value: int, label: str, url: str, *, sev: str = "", small: str = "", phone: bool = True
) -> dict[str, object]:
    return {"value": value, "label": label, "url": url, "sev": sev, "small": small, "phone": phone}
