"""Pages of runbooks."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from accounts.rules import is_lead, is_support
from core.http.now import request_now
from core.pagination import paginate
from runbooks.domain.markdown import render as render_markdown
from runbooks.queries import page as queries
from runbooks.queries.lists import found, runbooks_visible_to
from services.models import Service


@require_safe
def runbook_list(request: HttpRequest) -> HttpResponse:
    """All runbooks, by words and service."""
    if not is_support(request.user):
        raise Http404
    words = request.GET.get("search", "")[:200]
    service = request.GET.get("service", "")[:80]
    page = paginate(
        found(runbooks_visible_to(request.user), words=words, service=service)
        .prefetch_related("services")
        .defer("body", "search"),
        ("title", "pk"),
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    context = {
        "page": page,
        "rows": queries.rows(page.items, request_now(request).date()),
        "services": queries.services_with_runbooks(request.user),
        "search": words,
        "service": service,
        "can_write": is_lead(request.user),
    }
    return render(request, "runbooks/list.html", context)


@require_safe
def runbook_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One runbook: what to do, for what, how fresh."""
    runbook = get_object_or_404(
        runbooks_visible_to(request.user)
        .select_related("owner__site")
        .prefetch_related("services", "steps")
        .defer("search"),
        slug=slug,
    )
    context = {
        "runbook": runbook,
        "body": mark_safe(render_markdown(runbook.body)),
        "conditions": queries.conditions(runbook),
        "is_due": queries.is_due(runbook, request_now(request).date()),
        "can_write": is_lead(request.user),
    }
    return render(request, "runbooks/detail.html", context)


@require_safe
def for_service(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel of a service's page."""
    if not is_support(request.user):
        raise Http404
    service = get_object_or_404(Service, slug=slug)
    own = list(runbooks_visible_to(request.user).filter(services=service).defer("body", "search")[:8])
    context = {
        "rows": queries.rows(own, request_now(request).date()),
        "service": service,
        "can_write": is_lead(request.user),
    }
    return render(request, "runbooks/_for_service.html", context)
