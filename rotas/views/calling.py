"""Pages of calling before it matters: the simulator, and fire drills."""

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actor import actor_of
from accounts.models import Site
from core.errors import IllegalState, Invalid
from core.http.now import request_now
from core.wall_times import MINUTE_FORM
from core.zones import to_local, to_utc
from rotas import rules
from rotas.choices import DrillState
from rotas.domain import drills
from rotas.forms.calling import DrillForm, SimulatorForm
from rotas.models import FireDrill
from rotas.queries.simulate import Simulation, simulate
from rotas.views.reader import on_call_reader
from services.queries.visible import services_visible_to


@require_GET
def simulator(request: HttpRequest) -> HttpResponse:
    """Who would be called, when and by what, if a service broke at some instant."""
    user = on_call_reader(request)
    now = request_now(request)
    asked = "service" in request.GET
    services = list(services_visible_to(user).select_related("owning_team", "client").order_by("name"))
    initial = {
        "zone": user.zone,
        "at": to_local(now, user.zone).strftime(MINUTE_FORM),
        "severity": "SEV2",
        "alerts": 1,
    }
    form = SimulatorForm(request.GET if asked else None, services=services, initial=initial)
    found: Simulation | None = None
    if asked and form.is_valid():
        data = form.cleaned_data
        found = simulate(
            next(each for each in services if each.slug == data["service"]),
            data["severity"],
            to_utc(data["at"], data["zone"]),
            alerts=data["alerts"],
        )
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "zone": form.cleaned_data["zone"] if found else user.zone,
        "sites": list(Site.objects.order_by("position", "name")[:4]),
        "zones": sorted(available_timezones()),
        "drawn": _drawn(found) if found else [],
    }
    return render(request, "rotas/simulator.html", context, status=400 if asked and not found else 200)


@require_http_methods(["GET", "POST"])
def drill_page(request: HttpRequest) -> HttpResponse:
    """Fire drills, and for leads a form to begin one."""
    user = on_call_reader(request)
    now = request_now(request)
    leads = rules.can_plan(user)
    services = list(services_visible_to(user).order_by("name")) if leads else []
    form = DrillForm(request.POST if request.method == "POST" else None, services=services) if leads else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            service = next(each for each in services if each.slug == form.cleaned_data["service"])
            try:
                drill = drills.begin_drill(
                    service, form.cleaned_data["severity"], actor=actor_of(request), now=now
                )
            except Invalid as error:
                for name, fault in error.fields.items():
                    form.add_error(name if name in form.fields else None, fault)
            except IllegalState as error:
                form.add_error(None, error.message)
            else:
                return redirect("rotas:drill", pk=drill.pk)
    rows = FireDrill.objects.select_related("service", "started_by", "acknowledged_by__site")[:100]
    context = {"drills": [{"row": row, "took": _took(row)} for row in rows], "form": form}
    return render(request, "rotas/drills.html", context, status=400 if form and form.is_bound else 200)


@require_GET
def drill_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One drill: what happened, line by line, and how long it took."""
    user = on_call_reader(request)
    rows = FireDrill.objects.select_related("service", "started_by__site", "acknowledged_by__site", "policy")
    drill = get_object_or_404(rows, pk=pk)
    running = drill.state == DrillState.RUNNING
    context = {
        "drill": drill,
        "lines": list(drill.lines.select_related("user__site")),
        "took": _took(drill),
        "may_answer": running and drills.was_called(drill, user),
        "may_cancel": running and rules.can_plan(user),
    }
    return render(request, "rotas/drill.html", context)


@require_POST
def drill_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Answer a drill, or call it off."""
    user = on_call_reader(request)
    drill = get_object_or_404(FireDrill, pk=pk)
    now = request_now(request)
    if verb == "answer":
        drills.acknowledge_drill(drill, user, now=now)
        messages.success(request, _("You answered. Nothing is broken: thank you."))
    elif verb == "cancel":
        drills.cancel_drill(drill, actor=actor_of(request), now=now)
        messages.success(request, _("The drill is called off."))
    else:
        raise Http404
    return redirect("rotas:drill", pk=pk)


def _took(drill: FireDrill) -> float | None:
    """Seconds from the beginning to the answer."""
    answered: datetime | None = drill.acknowledged_at
    return (answered - drill.started_at).total_seconds() if answered else None


def _drawn(found: Simulation) -> list[dict[str, Any]]:
    """The steps with the time since the beginning, and where each stands on a line of 100."""
    last = found.ends_at or (found.steps[-1].at if found.steps else found.at)
    whole = max((last - found.at).total_seconds(), 1)
    drawn = []
    for step in found.steps:
        after = (step.at - found.at).total_seconds()
        drawn.append({"step": step, "after": after, "x": f"{after / whole * 100:.2f}%"})
    return drawn
