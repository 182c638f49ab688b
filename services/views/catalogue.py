"""Pages of the catalogue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.rules import is_support
from core.http.now import request_now
from core.pagination import paginate_read
from services import rules
from services.choices import Lifecycle
from services.domain.links import shown
from services.filters import ServiceFilter, bar
from services.queries.boundaries import parties_of, read_parties, with_parties
from services.queries.dependencies import graph_of
from services.queries.maintenance import ahead_of
from services.queries.matrix import who_may
from services.queries.objective_page import of_service, worst_chart
from services.queries.page import listed, promises_and_support, rows, versions_of
from services.queries.visible import services_visible_to
from services.ui.rows import body
from services.views.shared import zone_of


@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """The services this person may see, with the worst that is known of each; retired ones when they are asked for."""
    visible = services_visible_to(request.user)
    asks_for_all = any(request.GET.get(name) for name in ("lifecycle", "search"))
    offered = visible if asks_for_all else visible.exclude(lifecycle=Lifecycle.RETIRED)
    found = ServiceFilter(request.GET, offered)
    page = paginate_read(
        found.qs,
        ("name", "pk"),
        listed,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    known = rows(page.items)
    context = {
        "page": page,
        "rows": known,
        "body": body(known),
        "bar": bar(request.GET, visible),
        "search": request.GET.get("search", "")[:200],
        "retired": 0 if asks_for_all else visible.filter(lifecycle=Lifecycle.RETIRED).count(),
        "can_shape": rules.can_shape(request.user),
    }
    return render(request, "services/list.html", context)


@require_safe
def service_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One service: how it is, what is promised, what runs in it."""
    visible = with_parties(services_visible_to(request.user))
    service = get_object_or_404(
        visible.select_related("client", "owning_team__lead__site", "support_calendar"), slug=slug
    )
    read_parties(service)
    now = request_now(request)
    promises, support_week = promises_and_support(service, now)
    graph = graph_of(service, request.user)
    context = {
        "service": service,
        "now": now,
        "truth": graph.here.truth,
        "graph": graph,
        "who_may": who_may(parties_of(service).values()),
        "promises": promises,
        "support_week": support_week,
        "versions": versions_of(service),
        "links": shown(service.links),
        "inside": is_support(request.user),
        "can_shape": rules.can_shape(request.user),
    }
    return render(request, "services/detail.html", context)


@require_safe
def objectives_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Objectives of a service and the work planned on it, as a part of its page."""
    service = get_object_or_404(services_visible_to(request.user), slug=slug)
    now = request_now(request)
    known = of_service(service, now, zone_of(request))
    context = {
        "service": service,
        "now": now,
        "objectives": known,
        "budget_chart": worst_chart(known),
        "work": ahead_of(service, now),
    }
    return render(request, "services/_objectives_of_service.html", context)
