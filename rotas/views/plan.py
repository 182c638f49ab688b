"""Planning a pattern: start from one, change it, look at four weeks and at what changes, keep it, take it back."""

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import actor_of
from accounts.models import User
from core.errors import IllegalState, Invalid
from core.http.now import request_now
from rotas import rules
from rotas.domain.patterns import PlannedLayer, begin_pattern, pattern_at, undo_pattern
from rotas.domain.rotas import begin_rota
from rotas.domain.seeds import SEEDS, seed_of
from rotas.forms.patterns import PlanForms, RotaForm, with_layer_less, with_layer_more
from rotas.models import Rota, RotaVersion
from rotas.queries.preview import Preview, preview
from rotas.queries.visible import callable_people, rotas_visible_to


@require_http_methods(["GET", "POST"])
def rota_new(request: HttpRequest) -> HttpResponse:
    """A new rota: its name, team and zone; then its pattern is planned."""
    if not rules.can_plan(request.user):
        raise PermissionDenied
    people = list(callable_people())
    form = RotaForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        rota = begin_rota(form.save(commit=False), actor=actor_of(request), now=request_now(request))
        return redirect("rotas:plan", slug=rota.slug)
    context = {"form": form, "zones": sorted(available_timezones())}
    return render(request, "rotas/new.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def rota_plan(request: HttpRequest, slug: str) -> HttpResponse:
    """Plan the pattern that holds from a day on. Looking at it stores nothing."""
    rota = _shaped(request, slug)
    now = request_now(request)
    people = list(callable_people())
    if request.method == "GET":
        forms = PlanForms(rota, people, layers=_begin(request, rota, people, now), now=now)
        return _page(request, rota, forms)
    asked, data = _asked(request)
    forms = PlanForms(rota, people, data=data, now=now)
    if asked == "shape":
        # nothing is wrong yet: a layer was added or removed
        return _page(request, rota, forms, asked=asked)
    found = None
    if forms.is_valid():
        starts_at, note = forms.head.cleaned_data["starts_at"], forms.head.cleaned_data["note"]
        try:
            if asked == "keep":
                begin_pattern(
                    rota, forms.planned(), starts_at=starts_at, note=note, actor=actor_of(request), now=now
                )
                messages.success(request, _("The pattern is kept. It can be taken back below."))
                return redirect("rotas:detail", slug=slug)
            found = preview(rota, forms.planned(), starts_at, now)
        except Invalid as error:
            forms.put_faults(error.fields)
        except IllegalState as error:
            forms.head.add_error("starts_at", error.message)
    return _page(request, rota, forms, found=found, status=200 if found else 400)


@require_POST
def pattern_undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a pattern back."""
    rota = _shaped(request, slug)
    version = get_object_or_404(RotaVersion, rota=rota, pk=pk)
    back = undo_pattern(version, actor=actor_of(request), now=request_now(request))
    messages.success(
        request, _("What was before holds again from now on.") if back else _("The pattern is taken back.")
    )
    return redirect("rotas:detail", slug=slug)


def _shaped(request: HttpRequest, slug: str) -> Rota:
    rota = get_object_or_404(rotas_visible_to(request.user), slug=slug)
    if not rules.can_plan(request.user):
        raise PermissionDenied
    return rota


def _begin(request: HttpRequest, rota: Rota, people: list[User], now: datetime) -> list[PlannedLayer]:
    """The layers to begin with: of the seed that `?seed=` names, else the pattern that holds, else an empty layer."""
    seed = seed_of(request.GET.get("seed", ""))
    team = list(rota.team.members.values_list("pk", flat=True))
    members = [person for person in people if person.pk in team] or people
    if seed is not None:
        return seed.make(members, rota.zone, now)
    return pattern_at(rota, now) or SEEDS[0].make(members, rota.zone, now)[:1]


def _asked(request: HttpRequest) -> tuple[str, QueryDict]:
    """What the pressed button asks for, and the form after it."""
    word = request.POST.get("do", "look")
    if word == "add":
        return "shape", with_layer_more(request.POST)
    if word.startswith("remove-") and word[7:].isdigit():
        return "shape", with_layer_less(request.POST, int(word[7:]))
    return ("keep" if word == "keep" else "look"), request.POST


def _page(
    request: HttpRequest,
    rota: Rota,
    forms: PlanForms,
    *,
    found: Preview | None = None,
    asked: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "rota": rota,
        "head": forms.head,
        "layers": forms.layers,
        "found": found,
        "shaping": asked == "shape",
        "seeds": SEEDS,
        "zones": sorted(available_timezones()),
        "people": forms.people,
    }
    return render(request, "rotas/plan.html", context, status=status)
