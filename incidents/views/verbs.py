"""Every verb: GET asks what it needs; POST parses its form, checks the role, calls the domain, answers in place."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import actor_of
from accounts.rules import is_support
from core.errors import Invalid, NotAllowed, Refused
from core.http.now import request_now
from core.types import Actor
from incidents import rules
from incidents.choices import Visibility
from incidents.domain import lifecycle, runbook
from incidents.forms import (
    AssignForm,
    BounceForm,
    CancelForm,
    DeliverForm,
    EscalateForm,
    HandOffForm,
    HoldForm,
    ImpactForm,
    LinkForm,
    NoteForm,
    PlainForm,
    ResolveForm,
)
from incidents.models import Incident, IncidentRunbook
from incidents.queries.board import as_rows
from incidents.queries.lists import rows_visible_to
from incidents.ui.rows import row
from incidents.views.detail import whole
from incidents.views.dialogs import DIALOGS, ask, ask_again
from incidents.views.shared import incident_or_404, plain_incident_or_404, viewer_of, zone_of
from runbooks.models import Runbook

VERBS: dict[str, tuple[type[forms.Form], Callable[..., Any]]] = {
    "acknowledge": (PlainForm, lifecycle.acknowledge),
    "investigate": (PlainForm, lifecycle.investigate),
    "resume": (PlainForm, lifecycle.resume),
    "mitigate": (PlainForm, lifecycle.mitigate),
    "close": (PlainForm, lifecycle.close),
    "reopen": (PlainForm, lifecycle.reopen),
    "assign": (AssignForm, lifecycle.assign),
    "hold": (HoldForm, lifecycle.hold),
    "resolve": (ResolveForm, lifecycle.resolve),
    "cancel": (CancelForm, lifecycle.cancel),
    "escalate": (EscalateForm, lifecycle.escalate),
    "hand_off": (HandOffForm, lifecycle.hand_off),
    "accept_hand_off": (PlainForm, lifecycle.accept_hand_off),
    "bounce_hand_off": (BounceForm, lifecycle.bounce_hand_off),
    "take_back": (PlainForm, lifecycle.take_back),
    "impact": (ImpactForm, lifecycle.impact),
    "note": (NoteForm, lifecycle.note),
    "link": (LinkForm, lifecycle.link),
    "deliver": (DeliverForm, lifecycle.deliver),
}


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """One verb. Htmx gets the changed fragments or the refusal in place; others go back where they were, or see the form
    again with what they typed. GET gives the form alone."""
    if verb not in VERBS:
        raise Http404
    if request.method != "POST":
        return _ask(request, ref, verb)
    incident = plain_incident_or_404(request, ref)
    form_class, do = VERBS[verb]

    def go(actor: Actor, now: datetime) -> None:
        if not rules.may(request.user, verb):
            raise NotAllowed(_("Your role may not do this."))
        with timezone.override(ZoneInfo(zone_of(request))):  # moments are typed by the reader's clock
            values = _values(form_class(request.POST))
        if verb in rules.OUTSIDE_VERBS and not is_support(request.user):
            values["visibility"] = Visibility.CLIENT
        do(incident, actor=actor, now=now, **values)

    try:
        return _answer(request, incident, verb, go)
    except NotAllowed:
        raise
    except Refused as refusal:
        if verb not in DIALOGS:
            raise
        return ask_again(request, incident_or_404(request, ref), verb, form_class, refusal)


def _ask(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """The form of a verb. A note has its own on the page."""
    incident = incident_or_404(request, ref)
    if verb == "note":
        return redirect(f"{reverse('incidents:detail', args=[incident.ref])}#say")
    return ask(request, incident, verb, VERBS[verb][0])


@require_POST
def follow(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Begin to follow a runbook."""
    incident = plain_incident_or_404(request, ref)
    _workers_only(request)
    book = get_object_or_404(Runbook, pk=pk, is_active=True)
    return _answer(
        request, incident, "", lambda actor, now: runbook.start(incident, book, actor=actor, now=now)
    )


@require_POST
def step(request: HttpRequest, ref: str, link: int, position: int) -> HttpResponse:
    """Tick a step off (`done` in the body) or take it back."""
    incident = plain_incident_or_404(request, ref)
    _workers_only(request)
    found = get_object_or_404(
        IncidentRunbook.objects.select_related("run__runbook"), pk=link, incident=incident
    )
    do = runbook.tick if request.POST.get("done") else runbook.untick
    return _answer(
        request, incident, "", lambda actor, now: do(incident, found, position, actor=actor, now=now)
    )


def _workers_only(request: HttpRequest) -> None:
    if not rules.can_work(request.user):
        raise NotAllowed(_("Your role may not do this."))


def _values(form: forms.Form) -> dict[str, Any]:
    """The form's values. Raises Invalid with the fields at fault."""
    if form.is_valid():
        return form.cleaned_data
    said = {name: " ".join(errors) for name, errors in form.errors.items()}
    raise Invalid(_("Please look again."), fields=said)


def _answer(
    request: HttpRequest, incident: Incident, verb: str, go: Callable[[Actor, datetime], Any]
) -> HttpResponse:
    target = request.headers.get("HX-Target", "")
    on_board = target.startswith("inc-")
    try:
        go(actor_of(request), request_now(request))
    except Refused as refusal:
        if not request.headers.get("HX-Request"):
            raise
        response = render(request, "core/_refusal.html", {"refusal": refusal}, status=refusal.status)
        response["HX-Retarget"] = "#board-problem" if on_board else f"#problem-{_place(verb)}"
        response["HX-Reswap"] = "innerHTML"
        return response
    if not request.headers.get("HX-Request"):
        return redirect(_next(request, incident))
    if on_board:
        return _row(request, incident)
    return _fragments(request, incident_or_404(request, incident.ref), verb)


def _place(verb: str) -> str:
    return verb if verb in DIALOGS or verb == "note" else "rail"


def _next(request: HttpRequest, incident: Incident) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/"):
        return wanted
    return f"/incidents/{incident.ref}/"


def _row(request: HttpRequest, incident: Incident) -> HttpResponse:
    now = request_now(request)
    fresh = rows_visible_to(request.user).filter(pk=incident.pk)
    rows = as_rows(fresh, request.user, now, zone_of(request))
    return HttpResponse(row(rows[0], viewer_of(request), now))


def _fragments(request: HttpRequest, incident: Incident, verb: str) -> HttpResponse:
    """The rail is what was asked for; spine and (after a note) composer come out of band."""
    context = {**whole(request, incident), "oob": True}
    names = ["_rail", "_spine", *(["_composer"] if verb == "note" else [])]
    return HttpResponse(
        "".join(render_to_string(f"incidents/{name}.html", context, request) for name in names)
    )
