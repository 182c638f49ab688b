"""How services stand to the standards: the scorecard, one service in full, looking again, taking on what is missed."""

import csv
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import actor_of
from core.errors import Invalid, NotAllowed
from core.http.now import request_now
from core.pagination import paginate
from services import rules
from services.choices import Lifecycle
from services.domain import readiness as domain
from services.filters import ServiceFilter, bar
from services.forms.boundaries import TakeOnForm
from services.models import ReadinessResult, Service
from services.queries import scorecard as queries
from services.queries.visible import services_visible_to
from services.readiness import registered

BY_NAME = ("name", "pk")


@require_safe
def scorecard(request: HttpRequest) -> HttpResponse:
    """Services × standards, to be narrowed as the catalogue is."""
    _readers_only(request)
    visible = _held(request)
    found = _narrowed(request, visible)
    page = paginate(
        found.select_related("client", "owning_team"),
        BY_NAME,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    context = {
        "page": page,
        "lines": queries.lines(page.items, request_now(request)),
        "totals": queries.totals(found),
        "bar": bar(request.GET, visible),
        "search": request.GET.get("search", "")[:200],
        "query": request.GET.urlencode(),
        "may_check": rules.can_mend(request.user),
    }
    return render(request, "services/standards.html", context)


@require_safe
def scorecard_csv(request: HttpRequest) -> HttpResponse:
    """The same as rows: a service a line, a standard a column."""
    _readers_only(request)
    found = _narrowed(request, _held(request)).select_related("client", "owning_team")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mainstay-standards.csv"'
    writer = csv.writer(response)
    writer.writerow(["service", "client", "tier", "team", "score", *(each.name for each in registered())])
    for line in queries.lines(list(found.order_by(*BY_NAME)), request_now(request)):
        service = line.service
        marks = [mark.result.state if mark.result else "" for mark in line.marks]
        row = [service.slug, service.client_name, service.tier, service.owning_team, line.score.percent]
        writer.writerow([*map(_plain, row), *marks])
    return response


@require_safe
def service_readiness(request: HttpRequest, slug: str) -> HttpResponse:
    """Every standard of one service: how it stands, why it matters, how it is met, who mends it."""
    service = _service(request, slug)
    now = request_now(request)
    standing = queries.standing_of(service, now)
    form = TakeOnForm()
    context = {
        "service": service,
        "standing": standing,
        "changes": queries.changes_of(service),
        "people": list(form.fields["owner"].queryset.only("pk", "name", "email"))
        if standing.failing and rules.can_mend(request.user)
        else [],
        "may_mend": rules.can_mend(request.user),
        "now": now,
    }
    return render(request, "services/readiness.html", context)


@require_safe
def readiness_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """What a service misses, for its page."""
    service = _service(request, slug)
    now = request_now(request)
    context = {"service": service, "standing": queries.standing_of(service, now), "now": now}
    return render(request, "services/_readiness.html", context)


@require_POST
def check_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Look at the service again."""
    service = _service(request, slug)
    _menders_only(request)
    changed = domain.check_all(request_now(request), services=[service])
    said = ngettext("%(n)d thing has changed.", "%(n)d things have changed.", changed) % {"n": changed}
    messages.success(request, said if changed else _("Looked again: nothing has changed."))
    return redirect("services:readiness", slug)


@require_POST
def take_on(request: HttpRequest, slug: str, standard: str) -> HttpResponse:
    """Say who mends what is missed, and by when."""
    service = _service(request, slug)
    _menders_only(request)
    result = get_object_or_404(ReadinessResult, service=service, standard=standard[:60])
    form = TakeOnForm(request.POST)
    if not form.is_valid():
        said = {name: " ".join(errors) for name, errors in form.errors.items()}
        raise Invalid(_("Please look again."), fields=said)
    domain.take_on(result, **form.cleaned_data, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("It is noted who mends it."))
    return redirect("services:readiness", slug)


def _service(request: HttpRequest, slug: str) -> Service:
    service = get_object_or_404(
        services_visible_to(request.user).select_related("client", "owning_team__lead"), slug=slug
    )
    _readers_only(request)
    return service


def _held(request: HttpRequest) -> Any:
    return services_visible_to(request.user).exclude(lifecycle=Lifecycle.RETIRED)


def _narrowed(request: HttpRequest, services: Any) -> Any:
    return ServiceFilter(request.GET, services).qs


def _plain(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _readers_only(request: HttpRequest) -> None:
    if not rules.can_read_readiness(request.user):
        raise NotAllowed(_("Standards are for the support team."))


def _menders_only(request: HttpRequest) -> None:
    if not rules.can_mend(request.user):
        raise NotAllowed(_("Your role may not do this."))
