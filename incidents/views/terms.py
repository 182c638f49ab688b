"""New terms for what counts already: asked for here, worked in the background, with how far it is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actor import actor_of
from accounts.rules import is_lead
from core.errors import NotAllowed, Refused
from core.http.now import request_now
from core.pagination import paginate
from incidents.domain import replanning
from incidents.forms import ApplyForm
from incidents.models import Replanning
from services.models import Agreement, BusinessCalendar


@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """What was applied, what is being applied, and the form that asks for it."""
    if not is_lead(request.user):
        raise NotAllowed(_("Leads apply new terms to what counts."))
    form = ApplyForm(request.POST or None, initial=_asked(request))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            replanning.ask(actor=actor_of(request), now=request_now(request), **form.cleaned_data)
            return redirect(reverse("incidents:terms"))
        except Refused as refused:
            refusal = refused
    context = {"form": form, "refusal": refusal, **_applied(request), "concerned": _concerned(request)}
    return render(request, "incidents/terms.html", context, status=refusal.status if refusal else 200)


@require_GET
def terms_progress(request: HttpRequest) -> HttpResponse:
    """How far it is, as a part of the page."""
    if not is_lead(request.user):
        raise NotAllowed(_("Leads apply new terms to what counts."))
    return render(request, "incidents/_terms_applied.html", _applied(request))


def _applied(request: HttpRequest) -> dict[str, Any]:
    page = paginate(
        Replanning.objects.select_related("agreement", "calendar", "asked_by"),
        ("-asked_at", "-pk"),
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    return {"page": page, "works": any(job.next_at for job in page.items)}


def _asked(request: HttpRequest) -> dict[str, Any]:
    """The agreement or calendar that the address names."""
    agreement = Agreement.objects.filter(slug=request.GET.get("agreement", "")[:50]).first()
    calendar = BusinessCalendar.objects.filter(slug=request.GET.get("calendar", "")[:50]).first()
    return {"agreement": agreement, "calendar": None if agreement else calendar, "how": "keep"}


def _concerned(request: HttpRequest) -> int | None:
    """How many promises count by what the address names; None where it names nothing."""
    asked = _asked(request)
    if asked["agreement"] is None and asked["calendar"] is None:
        return None
    return replanning.concerned(agreement=asked["agreement"], calendar=asked["calendar"])
