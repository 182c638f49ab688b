"""Pages of objectives."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.http.now import request_now
from core.pagination import paginate
from services import rules
from services.filters import ObjectiveFilter, objective_bar
from services.queries.objective_page import rows, whole
from services.queries.objectives import WORST_FIRST, objectives_visible_to
from services.queries.visible import services_visible_to
from services.views.shared import zone_of

# Each is reckoned up when it is shown, out of a month of five minutes.
SHOWN = 25


@require_safe
def objective_list(request: HttpRequest) -> HttpResponse:
    """The objectives this person may see, the worst first; those that are switched off when they are asked for."""
    visible = objectives_visible_to(request.user)
    offered = visible if request.GET.get("active") else visible.filter(is_active=True)
    found = ObjectiveFilter(request.GET, offered.select_related("service__client", "model"))
    page = paginate(
        found.qs,
        WORST_FIRST,
        cursor=request.GET.get("cursor", ""),
        size=SHOWN,
        query=request.META.get("QUERY_STRING", ""),
    )
    context = {
        "page": page,
        "rows": rows(page.items, request_now(request), zone_of(request)),
        "bar": objective_bar(request.GET, services_visible_to(request.user)),
        "search": request.GET.get("search", "")[:200],
        "can_set": rules.can_set_objectives(request.user),
    }
    return render(request, "services/objectives.html", context)


@require_safe
def objective_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One objective: how its budget stands and went, how fast it burns, what was agreed for when it is gone."""
    visible = objectives_visible_to(request.user).select_related("service__client", "model", "owner__site")
    objective = get_object_or_404(visible, slug=slug)
    now = request_now(request)
    context = {
        "objective": objective,
        "whole": whole(objective, now, zone_of(request)),
        "now": now,
        "can_set": rules.can_set_objectives(request.user),
        "inside": rules.can_measure(request.user),
    }
    return render(request, "services/objective.html", context)
