"""The audit trail, for leads."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.filters import AuditFilter
from accounts.queries.audit import NEWEST_FIRST, audit_visible_to
from accounts.rules import is_lead
from accounts.views.guard import requires
from core.pagination import paginate


@require_safe
@requires(is_lead)
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what to what, when; newest first."""
    found = AuditFilter(request.GET, audit_visible_to(request.user))
    page = paginate(
        found.qs,
        NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    return render(request, "accounts/audit.html", {"page": page, "filter": found})
