"""Writing the record: report a new incident, edit what one says."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import actor_of
from core.errors import Changed, NotAllowed, Refused
from core.http.now import request_now
from core.ui.words import zone_letters
from incidents import rules
from incidents.choices import Impact, Source, Urgency
from incidents.domain.edit import edit
from incidents.domain.lifecycle import open_incident
from incidents.forms import EditForm, ReportForm
from incidents.queries.matrix import matrix
from incidents.views.shared import incident_or_404, zone_of
from services.choices import Lifecycle
from services.queries.visible import services_visible_to


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """A new incident, by support or by a stakeholder on a service of theirs."""
    if not rules.can_report(request.user):
        raise NotAllowed(_("Your role can't report incidents. Ask a lead."))
    services = services_visible_to(request.user).exclude(lifecycle=Lifecycle.RETIRED)
    with timezone.override(ZoneInfo(zone_of(request))):
        form = ReportForm(
            request.POST or None,
            services=services,
            initial={"service": request.GET.get("service", "")[:60]},
        )
        if request.method == "POST" and form.is_valid():
            try:
                made = open_incident(
                    **form.values(),
                    source=Source.PORTAL,
                    reporter=request.user,
                    actor=actor_of(request),
                    now=request_now(request),
                )
                return redirect("incidents:detail", ref=made.ref)
            except Refused as refusal:
                _tell(form, refusal)
        return _page(request, form, {"services": services.select_related("client").order_by("slug")})


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Edit the record. Nobody overwrites what they haven't seen: 412 says what changed meanwhile."""
    incident = incident_or_404(request, ref)
    if not rules.can_work(request.user):
        raise NotAllowed(_("Your role may not change this."))
    changed = None
    with timezone.override(ZoneInfo(zone_of(request))):
        by_matrix = matrix().get((incident.impact, incident.urgency), "")
        initial = EditForm.initial_of(incident, by_matrix)
        form = EditForm(request.POST or None, incident=incident, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                edit(
                    incident,
                    actor=actor_of(request),
                    now=request_now(request),
                    changes=form.changes(),
                    expected_version=form.cleaned_data["expected_version"],
                )
                return redirect("incidents:detail", ref=incident.ref)
            except Changed as refusal:
                changed = refusal
                form = _again(request, form, refusal, incident, initial)
            except Refused as refusal:
                _tell(form, refusal)
        return _page(request, form, {"incident": incident, "changed": changed}, 412 if changed else 0)


def _again(request: HttpRequest, form: EditForm, refusal: Changed, incident: Any, initial: Any) -> EditForm:
    """The same words, ready to be saved over what their writer has now been shown."""
    data = request.POST.copy()
    data["expected_version"] = str(refusal.extra["version"])
    return EditForm(data, incident=incident, initial=initial)


def _tell(form: forms.Form, refusal: Refused) -> None:
    """Put a refusal to the fields at fault, else above the form."""
    here = {
        ("cell" if name in {"impact", "urgency"} else name): said for name, said in refusal.fields.items()
    }
    for name in here:
        form.add_error(name if name in form.fields else None, refusal.message)
    if not here:
        form.add_error(None, refusal.message)


def _page(request: HttpRequest, form: forms.Form, more: dict[str, Any], status: int = 0) -> HttpResponse:
    cells = matrix()
    table = [
        {
            "label": impact.label,
            "cells": [(f"{impact}:{urgency}", cells[impact, urgency], urgency.label) for urgency in Urgency],
        }
        for impact in Impact
    ]
    context = {
        "form": form,
        "table": table,
        "urgencies": [urgency.label for urgency in Urgency],
        "zone_letters": zone_letters(zone_of(request), request_now(request)),
        **more,
    }
    wrong = 400 if form.is_bound and form.errors else 200
    return render(request, "incidents/record.html", context, status=status or wrong)
