"""Pages for leads: integrations, and posts that could not be read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actor import actor_of
from core.crypto import SecretUnreadableError
from core.http.now import request_now
from core.pagination import paginate
from monitoring import rules
from monitoring.domain.deliveries import replay
from monitoring.domain.integrations import intake_url, rotate_key, save_new, set_active, set_rate
from monitoring.forms import IntegrationForm, RateForm
from monitoring.models import Integration
from monitoring.queries import deliveries as queries
from monitoring.queries.storms import Load, loads
from monitoring.sources import get_source


@require_GET
def parked_list(request: HttpRequest) -> HttpResponse:
    """Posts that could not be read, newest first, with the reason."""
    _leads_only(request)
    page = paginate(
        queries.parked(request.user).defer("body"),
        queries.NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    integrations = queries.names_of_integrations(page.items)
    rows = [{"delivery": row, "integration": integrations.get(row.integration_id)} for row in page.items]
    return render(request, "monitoring/parked_list.html", {"page": page, "rows": rows})


@require_GET
def delivery_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One post as it arrived."""
    _leads_only(request)
    row = get_object_or_404(queries.deliveries_visible_to(request.user), pk=pk)
    context = {
        "delivery": row,
        "integration": Integration.objects.filter(pk=row.integration_id).first(),
        "payload": queries.readable(row.body),
        "size": len(bytes(row.body)),
    }
    return render(request, "monitoring/delivery_detail.html", context)


@require_POST
def delivery_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a parked post read again."""
    _leads_only(request)
    row = get_object_or_404(queries.deliveries_visible_to(request.user), pk=pk)
    replay(row, actor=actor_of(request), now=request_now(request))
    messages.success(
        request, _("The post is being read again. If it still can't be read, it comes back here.")
    )
    return redirect("monitoring:delivery", pk=pk)


@require_http_methods(["GET", "POST"])
def integration_list(request: HttpRequest) -> HttpResponse:
    """Doors for tools with their URLs; POST makes another."""
    _leads_only(request)
    form = IntegrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.save(commit=False)
        made.name = made.name or source_label(made.source)
        save_new(made, actor=actor_of(request), now=request_now(request))
        messages.success(request, _("%(name)s is open. Give its URL to the tool.") % {"name": made.name})
        return redirect("monitoring:integrations")
    doors = list(queries.integrations_visible_to(request.user)[:500])
    found = loads(doors, request_now(request))
    rows = [_row(integration, found[integration.pk]) for integration in doors]
    return render(request, "monitoring/integration_list.html", {"rows": rows, "form": form})


@require_POST
def integration_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key for one integration."""
    integration = _integration(request, pk)
    rotate_key(integration, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("%(name)s has a new URL; the former one ended.") % {"name": integration.name})
    return redirect("monitoring:integrations")


@require_POST
def integration_rate(request: HttpRequest, pk: int) -> HttpResponse:
    """How many alerts a minute one integration may send before they are counted together."""
    integration = _integration(request, pk)
    form = RateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A rate is a whole number of alerts a minute, 1 or more."))
        return redirect("monitoring:integrations")
    set_rate(integration, form.cleaned_data["rate"], actor=actor_of(request), now=request_now(request))
    said = _("%(name)s may send %(rate)s alerts a minute; more are counted together.")
    messages.success(request, said % {"name": integration.name, "rate": integration.rate})
    return redirect("monitoring:integrations")


@require_POST
def integration_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch one integration off, or on again."""
    integration = _integration(request, pk)
    set_active(integration, not integration.is_active, actor=actor_of(request), now=request_now(request))
    said = _("%(name)s is on.") if integration.is_active else _("%(name)s is off: its URL answers 404.")
    messages.success(request, said % {"name": integration.name})
    return redirect("monitoring:integrations")


def source_label(slug: str) -> str:
    """What people call a source; its slug where it is gone."""
    source = get_source(slug)
    return source.label if source else slug


def _integration(request: HttpRequest, pk: int) -> Integration:
    _leads_only(request)
    return get_object_or_404(queries.integrations_visible_to(request.user), pk=pk)


def _row(integration: Integration, load: Load) -> dict[str, Any]:
    try:
        url = intake_url(integration)
    except SecretUnreadableError:
        url = ""
    return {"integration": integration, "label": source_label(integration.source), "url": url, "load": load}


def _leads_only(request: HttpRequest) -> None:
    if not rules.can_run_intake(request.user):
        raise PermissionDenied
