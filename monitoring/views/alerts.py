"""Pages of alerts."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import actor_of
from core.filters import narrows
from core.http.now import request_now
from core.pagination import Page, paginate, paginate_read
from core.ui.chips import Chip, chips, url_with
from monitoring import rules
from monitoring.domain.alerts import route_alert
from monitoring.filters import AlertFilter
from monitoring.forms import RouteForm
from monitoring.queries import alerts as queries
from monitoring.queries.deliveries import readable
from monitoring.ui.rows import body
from services.queries.visible import services_visible_to

VIEWS = ("firing", "no_data", "unrouted", "resolved", "all")


@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """Alerts, newest first, by saved view and filters in the URL."""
    view = request.GET.get("view", "firing")
    if view not in VIEWS or (view == "unrouted" and not rules.can_route(request.user)):
        view = "firing"
    page = _page(request, view)
    context = {
        "page": page,
        "body": body(page.items, request_now(request), str(getattr(request.user, "zone", "") or "UTC")),
        "view": view,
        "tabs_list": _tabs(request, view),
        "chips": _chips(request.GET),
        "search": request.GET.get("search", "")[:200],
        "has_any": bool(page.items) or queries.alerts_visible_to(request.user).exists(),
        "can_run_intake": rules.can_run_intake(request.user),
    }
    fragment = request.headers.get("X-Live")
    return render(
        request, "monitoring/_alert_rows.html" if fragment else "monitoring/alert_list.html", context
    )


@require_GET
def alert_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert: what it says, its labels, what changed, each reading, the raw post."""
    alert = get_object_or_404(queries.alerts_visible_to(request.user), pk=pk)
    delivery = queries.latest_delivery_of(alert) if rules.can_see_payloads(request.user) else None
    routable = alert.service_id is None and rules.can_route(request.user)
    context = {
        "alert": alert,
        "changes": queries.changes_of(alert),
        "page": paginate(
            queries.occurrences_of(alert),
            ("-at", "-pk"),
            cursor=request.GET.get("cursor", ""),
            size=25,
            query=request.META.get("QUERY_STRING", ""),
        ),
        "delivery": delivery,
        "payload": readable(delivery.body) if delivery else "",
        "route_form": RouteForm(services=services_visible_to(request.user)) if routable else None,
    }
    return render(request, "monitoring/alert_detail.html", context)


@require_POST
def alert_route(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whose an unrouted alert is."""
    alert = get_object_or_404(queries.alerts_visible_to(request.user), pk=pk)
    if not rules.can_route(request.user):
        raise PermissionDenied
    form = RouteForm(request.POST, services=services_visible_to(request.user))
    if not form.is_valid():
        messages.error(request, _("Choose the service this alert belongs to."))
        return redirect("monitoring:alert", pk=pk)
    service = form.cleaned_data["service"]
    route_alert(alert, service, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("The alert belongs to %(service)s now.") % {"service": service.name})
    return redirect("monitoring:alert", pk=pk)


def _page(request: HttpRequest, view: str) -> Page[queries.Listed]:
    alerts = queries.of_view(queries.alerts_visible_to(request.user), view)
    read = partial(
        paginate_read,
        ordering=queries.NEWEST_FIRST,
        read=queries.listed,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    if not narrows(AlertFilter, request.GET):
        return read(alerts, newest=partial(queries.newest_of_view, request.user, view))
    filtered = AlertFilter(request.GET, queryset=alerts)
    return read(filtered.qs, sparse=filtered.without_words)


def _tabs(request: HttpRequest, view: str) -> list[dict[str, object]]:
    counts = queries.counts(request.user)
    offered: list[tuple[str, str, int | None]] = [
        ("firing", _("Firing"), counts.firing),
        ("no_data", _("No data"), counts.no_data),
        ("unrouted", _("Unrouted"), counts.unrouted),
        ("resolved", _("Resolved"), None),
        ("all", _("All"), None),
    ]
    return [
        {"label": label, "url": url_with(request.GET, view=name), "here": name == view, "count": count}
        for name, label, count in offered
        if name != "unrouted" or rules.can_route(request.user)
    ]


def _chips(params: QueryDict) -> list[Chip]:
    """Active filters as sentences, each with the URL that drops it."""
    labels = {
        "service": _("Service is"),
        "source": _("Source is"),
        "severity": _("Severity is"),
        "integration": _("Integration is"),
        "search": _("Has the words"),
    }
    return chips(params, labels)
