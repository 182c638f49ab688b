"""Parts of the page of an incident that are asked for when somebody opens them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.rules import is_support
from core.errors import NotAllowed
from core.http.now import request_now
from incidents import rules
from incidents.forms import AssignForm, EscalateForm
from incidents.models import Incident
from incidents.queries import detail as queries
from incidents.queries import whose
from incidents.views.dialogs import wanted
from incidents.views.shared import plain_incident_or_404
from rotas.queries import steps_now as queries_of_steps
from services.queries.boundaries import parties_of


@require_GET
def told(request: HttpRequest, ref: str) -> HttpResponse:
    """The newest messages about it, for support."""
    incident = plain_incident_or_404(request, ref)
    if not is_support(request.user):
        raise NotAllowed(_("Messages are for the support team."))
    context = {"told": queries.messages(incident), "now": request_now(request)}
    return render(request, "incidents/_told.html", context)


@require_GET
def owners(request: HttpRequest, ref: str) -> HttpResponse:
    """Who may own it, as options of a list."""
    incident = _worked(request, ref)
    form = AssignForm(initial={"owner": incident.owner_id})
    return render(request, "incidents/_options.html", {"options": form["owner"].subwidgets})


@require_GET
def callable_now(request: HttpRequest, ref: str) -> HttpResponse:
    """Who can be called about it by name, as options of a list."""
    _worked(request, ref)
    return render(request, "incidents/_options.html", {"options": EscalateForm()["person"].subwidgets})


@require_GET
def steps_now(request: HttpRequest, ref: str) -> HttpResponse:
    """The steps that can be called about it, with who is on each now, as options of a list."""
    incident = _worked(request, ref)
    form = EscalateForm()
    form.offer(queries_of_steps.steps_now("incident", incident.pk, request_now(request)))
    return render(request, "incidents/_options.html", {"options": form["step"].subwidgets})


@require_GET
def asked_for(request: HttpRequest, ref: str) -> HttpResponse:
    """What the chosen party (`?party=l2`) asks for when work is handed to it, as fields of the form."""
    incident = _worked(request, ref)
    bounds = parties_of(incident.service).get(request.GET.get("party", ""))
    context = {"bounds": bounds, "wanted": wanted(bounds, request.GET)}
    return render(request, "incidents/_asked_for.html", context)


@require_GET
def bounds(request: HttpRequest, ref: str) -> HttpResponse:
    """What the reader's party may do here, and what to bring when the work is handed on."""
    incident = plain_incident_or_404(request, ref)
    context = {"incident": incident, "mine": whose.mine(request.user, incident)}
    return render(request, "incidents/_whose.html", context)


def _worked(request: HttpRequest, ref: str) -> Incident:
    """The incident, for whoever works on incidents."""
    incident = plain_incident_or_404(request, ref)
    if not rules.can_work(request.user):
        raise NotAllowed(_("Your role may not change this."))
    return incident
