"""Pages of the catalogue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.http.now import request_now
from core.pagination import paginate
from services.filters import ServiceFilter
from services.health import truths
from services.queries.page import promises_of, rows, versions_of
from services.queries.visible import services_visible_to


@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """The services this person may see, with the worst that is known of each."""
    visible = services_visible_to(request.user).select_related("client", "owning_team")
    found = ServiceFilter(request.GET, visible)
    page = paginate(
        found.qs,
        ("name", "pk"),
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    context = {
        "page": page,
        "rows": rows(page.items),
        "filter": found,
        "search": request.GET.get("search", "")[:200],
    }
    return render(request, "services/list.html", context)


@require_safe
def service_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One service: how it is, what is promised, what runs in it."""
    visible = services_visible_to(request.user).select_related(
        "client", "owning_team__lead", "support_calendar"
    )
    service = get_object_or_404(visible, slug=slug)
    context = {
        "service": service,
        "truth": truths([service.pk])[service.pk],
        "promises": promises_of(service, request_now(request)),
        "versions": versions_of(service),
        "parties": service.parties.all(),
    }
    return render(request, "services/detail.html", context)
