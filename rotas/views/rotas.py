"""Pages of rotas."""

from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import actor_of
from core.errors import Invalid
from core.http.now import request_now
from core.ui.words import zone_letters
from rotas import rules
from rotas.domain.feeds import living_feed
from rotas.domain.overrides import add_override, check_override, remove_override
from rotas.domain.shadows import enter_shadow, take_back_shadow
from rotas.domain.words import what_it_does
from rotas.forms.overrides import OverrideForm
from rotas.forms.shadows import ShadowForm
from rotas.models import Override, Rota
from rotas.queries.cover import written_of
from rotas.queries.look import look_at_override
from rotas.queries.now import SiteShift, site_shifts
from rotas.queries.oncall import AHEAD, BACK, now_of, plans
from rotas.queries.patterns import patterns_of
from rotas.queries.policy import called_by
from rotas.queries.preview import Preview
from rotas.queries.shadows import shadows_around
from rotas.queries.visible import overrides_visible_to, rotas_visible_to, shadows_visible_to
from rotas.queries.week import bounds_of, monday_of, week_of
from rotas.views.people import warn_of_override


@require_GET
def rota_list(request: HttpRequest) -> HttpResponse:
    """Every rota with who is on call now, under the strip of the sites."""
    now = request_now(request)
    rotas = list(rotas_visible_to(request.user))
    read = plans([rota for rota in rotas if rota.is_active], now - BACK, now + AHEAD)
    context = {
        "rotas": [now_of(plan, now) for plan in read],
        "retired": [rota for rota in rotas if not rota.is_active],
        "shifts": site_shifts(now, read) if read else [],
        "may_shape": rules.can_override(request.user),
    }
    return render(request, "rotas/list.html", context)


@require_GET
def rota_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One rota: this week as strips and as a table, who is on call and who follows, overrides."""
    return _page(request, slug)


@require_POST
def override_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Say who covers whom."""
    rota = get_object_or_404(rotas_visible_to(request.user), slug=slug)
    if not rules.can_override(request.user):
        raise PermissionDenied
    now = request_now(request)
    form = OverrideForm(request.POST, rota=rota, now=now)
    if form.is_valid():
        try:
            if request.POST.get("do") == "look":
                return _page(request, slug, form=form, found=_look(rota, form, now))
            made = add_override(rota, **form.cleaned_data, actor=actor_of(request), now=now)
        except Invalid as error:
            for name, fault in error.fields.items():
                form.add_error(name, fault)
        else:
            messages.success(request, f"{what_it_does(made)}.")
            warn_of_override(request, made)
            return redirect("rotas:detail", slug=slug)
    return _page(request, slug, form=form, status=400)


def _look(rota: Rota, form: OverrideForm, now: datetime) -> Preview:
    """What the typed override would change. Raises Invalid as adding it does."""
    wanted = Override(rota=rota, **form.cleaned_data)
    check_override(
        wanted.starts_at, wanted.ends_at, wanted.user, wanted.replaces, now, takes_over=wanted.takes_over
    )
    return look_at_override(wanted, now)


@require_POST
def override_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an override back; one that has begun ends now."""
    override = get_object_or_404(overrides_visible_to(request.user), pk=pk, rota__slug=slug)
    if not rules.can_override(request.user):
        raise PermissionDenied
    ended = remove_override(override, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("The override ends now.") if ended else _("The override is taken back."))
    return redirect("rotas:detail", slug=slug)


@require_POST
def shadow_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Enter somebody who is in training."""
    rota = get_object_or_404(rotas_visible_to(request.user), slug=slug)
    if not rules.can_override(request.user):
        raise PermissionDenied
    now = request_now(request)
    form = ShadowForm(request.POST, rota=rota, now=now)
    if form.is_valid():
        try:
            made = enter_shadow(rota, **form.cleaned_data, actor=actor_of(request), now=now)
        except Invalid as error:
            for name, fault in error.fields.items():
                form.add_error(name, fault)
        else:
            messages.success(request, _("%(user)s is in training, and was told.") % {"user": made.user.name})
            return redirect("rotas:detail", slug=slug)
    return _page(request, slug, learns=form, status=400)


@require_POST
def shadow_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a training back; one that has begun ends now."""
    shadow = get_object_or_404(shadows_visible_to(request.user), pk=pk, rota__slug=slug)
    if not rules.can_override(request.user):
        raise PermissionDenied
    ended = take_back_shadow(shadow, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("The training ends now.") if ended else _("The training is taken back."))
    return redirect("rotas:detail", slug=slug)


def _page(
    request: HttpRequest,
    slug: str,
    *,
    form: OverrideForm | None = None,
    learns: ShadowForm | None = None,
    found: Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    now = request_now(request)
    rotas = list(rotas_visible_to(request.user))
    rota = next((each for each in rotas if each.slug == slug), None)
    if rota is None:
        raise Http404
    may_override = rules.can_override(request.user)
    if form is None and may_override:
        form = OverrideForm(rota=rota, now=now)
    if learns is None and form is not None:
        learns = ShadowForm(rota=rota, now=now, people=form.people)
    # one read of all rotas serves the strip of the sites, who is on call, and the week
    zone = _zone(request, rota)
    monday = _monday(request, now, zone)
    start, end = bounds_of(monday, zone)
    others = [each for each in rotas if each.is_active and each != rota]
    read = plans([rota, *others], min(start, now - BACK), max(end, now + AHEAD))
    shifts = site_shifts(now, read)
    overrides = (
        overrides_visible_to(request.user).filter(rota=rota, ends_at__gt=now).order_by("starts_at", "pk")[:50]
    )
    past = written_of([rota], start, min(now, end)).get(rota.pk, [])
    shadows = shadows_around(rota, start, end, now)
    context: dict[str, Any] = {
        "rota": rota,
        "week": week_of(rota, monday, zone, now, past, shadows=shadows),
        "this_week": monday_of(now, zone),
        "zones": _zones(rota, zone, shifts, now),
        "shifts": shifts,
        "on_call": now_of(read[0], now),
        "overrides": [
            {"row": row, "says": what_it_does(row), "is_now": row.starts_at <= now} for row in overrides
        ],
        "policies": called_by(rota),
        "patterns": patterns_of(rota, now),
        "may_override": may_override,
        "form": form,
        "found": found,
        "shadows": [{"row": row, "is_now": row.starts_at <= now} for row in shadows if row.ends_at > now][
            :50
        ],
        "shadow_form": learns if rota.is_active else None,
        "feed": living_feed(request.user, rota),
    }
    return render(request, "rotas/detail.html", context, status=status)


def _monday(request: HttpRequest, now: datetime, zone: str) -> date:
    """The Monday that `?week=` (any day of it) asks for, else this week's."""
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        return monday_of(now, zone)
    if not 2000 <= day.year <= 2100:
        return monday_of(now, zone)
    return date.fromordinal(day.toordinal() - day.weekday())


def _zone(request: HttpRequest, rota: Rota) -> str:
    """The zone that `?zone=` asks for, else the rota's."""
    asked = request.GET.get("zone", "")
    return asked if asked in available_timezones() else rota.zone


def _zones(rota: Rota, chosen: str, shifts: list[SiteShift], now: datetime) -> list[dict[str, Any]]:
    """Zones to draw the week in, with their letters: the rota's own, the sites', UTC, and the chosen one."""
    names = dict.fromkeys([rota.zone, *(shift.site.zone for shift in shifts), "UTC", chosen])
    return [{"zone": name, "letters": zone_letters(name, now), "here": name == chosen} for name in names]
