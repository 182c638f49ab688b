"""The board: what is open, by what it needs; and lists of what has ended."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.rules import is_support
from core.filters import narrows
from core.http.now import request_now
from core.pagination import Page, paginate_read
from core.ui.chips import Chip, chips, url_with
from core.ui.words import absolute
from incidents import rules
from incidents.choices import promise_filter_choices, source_choices, state_choices
from incidents.filters import IncidentFilter
from incidents.models import Incident
from incidents.nav import counts_of
from incidents.queries import board as queries
from incidents.queries.counts import SOON
from incidents.queries.lists import NEWEST_FIRST, Listed, listed, rows_visible_to
from incidents.ui.rows import body
from incidents.views.shared import viewer_of, zone_of
from services.choices import severity_choices


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Open incidents in groups, or a flat list by keyset; saved views and filters in the URL."""
    now, zone = request_now(request), zone_of(request)
    view = request.GET.get("view", "open")
    offered = _views(request)
    view = view if any(name == view for name, _label, _count in offered) else "open"
    counts = {name: count for name, _label, count in offered}
    plain = is_support(request.user) and not narrows(IncidentFilter, request.GET)
    read = _as_it_is if plain else _filtered
    found, page = read(request, view, now, counts[view])
    rows = queries.rows_of(found if page is None else page.items, request.user, now, zone)
    groups = queries.grouped(rows) if page is None else [queries.Group("", rows)] if rows else []
    context = {
        "groups": groups,
        "body": body(groups, viewer_of(request), now),
        "page": page,
        "total": sum(len(group.rows) for group in groups),
        "view": view,
        "tabs_list": _tabs(request, view, offered),
        "chips": _chips(request.GET, zone),
        "severities": severity_choices(),
        "states": state_choices(),
        "search": request.GET.get("search", "")[:200],
        "can_work": rules.can_work(request.user),
        "can_report": rules.can_report(request.user),
        "now": now,
    }
    return render(
        request,
        "incidents/_board_rows.html" if request.headers.get("X-Live") else "incidents/board.html",
        context,
    )


# What a view holds: all of it to be grouped, or a page of it. Counted first: too many for groups would be read with their promises,
# and thrown away.
Held = tuple[list[Listed], Page[Listed] | None]


def _as_it_is(request: HttpRequest, view: str, now: datetime, count: int | None) -> Held:
    """Support's view without filters; what it holds was counted for its tab, if it can be grouped at all."""
    if count is not None and count <= queries.GROUPED_AT_MOST and not request.GET.get("cursor"):
        return queries.whole_view(request.user, view, now), None
    rows = queries.of_view(rows_visible_to(request.user), view, request.user, now + SOON)
    newest = partial(queries.newest_of_view, request.user, view, now)
    return [], _page(request, rows, newest=newest)


def _filtered(request: HttpRequest, view: str, now: datetime, count: int | None) -> Held:
    rows = queries.of_view(rows_visible_to(request.user), view, request.user, now + SOON)
    filtered = IncidentFilter(request.GET, queryset=rows, request=request)
    most = queries.GROUPED_AT_MOST
    if (
        count is not None
        and not request.GET.get("cursor")
        and filtered.qs.order_by()[: most + 1].count() <= most
    ):
        return listed(queries.soonest_first(filtered.qs)), None
    return [], _page(request, filtered.qs, sparse=filtered.without_words)


def _page(request: HttpRequest, rows: QuerySet[Incident], **how: Any) -> Page[Listed]:
    cursor, query = request.GET.get("cursor", ""), request.META.get("QUERY_STRING", "")
    return paginate_read(rows, NEWEST_FIRST, listed, cursor=cursor, query=query, **how)


def _views(request: HttpRequest) -> list[tuple[str, str, int | None]]:
    counts = counts_of(request)
    views: list[tuple[str, str, int | None]] = [("open", _("Open"), counts.open)]
    if is_support(request.user):
        views += [
            ("mine", _("Mine"), counts.mine),
            ("nobodys", _("Nobody’s"), counts.nobodys),
        ]
    views.append(("due", _("Due within 1 h"), counts.due))
    return [*views, ("resolved", _("Resolved"), None), ("all", _("All"), None)]


def _tabs(
    request: HttpRequest, view: str, offered: list[tuple[str, str, int | None]]
) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": url_with(request.GET, view=name, state=""),
            "here": name == view,
            "count": count,
        }
        for name, label, count in offered
    ]


def _chips(params: QueryDict, zone: str) -> list[Chip]:
    """Active filters as sentences, each with the URL that drops it."""
    labels = {
        "severity": _("Severity is"),
        "state": _("State is"),
        "service": _("Service is"),
        "client": _("Client is"),
        "owner": _("Owner is"),
        "source": _("Source is"),
        "opened_after": _("Opened from"),
        "opened_before": _("Opened before"),
        "acknowledged": _("Acknowledged"),
        "resolved": _("Resolved"),
        "cancelled": _("Cancelled"),
        "promise": _("Promise"),
        "search": _("Has the words"),
    }
    words = {"me": _("me"), "none": _("nobody"), "true": _("yes"), "false": _("no")}
    words |= dict(state_choices()) | dict(source_choices()) | dict(promise_filter_choices())
    for name in ("opened_after", "opened_before"):
        raw = params.get(name, "")
        words |= {raw: _moment(raw, zone)}
    return chips(params, labels, words)


def _moment(raw: str, zone: str) -> str:
    """An instant of the URL as the reader says it; as it is where it is none."""
    try:
        at = parse_datetime(raw)
    except ValueError:
        at = None
    return absolute(at, zone) if at is not None and at.tzinfo is not None else raw
