"""Pages of agreements: the list, one of them, two versions beside each other, the test bench, putting a version in force."""

from typing import Any
from zoneinfo import available_timezones

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import actor_of
from core.errors import NotAllowed, Refused
from core.http.now import request_now
from core.wall_times import instant_of
from core.zones import to_local
from services import rules
from services.domain import agreements as verbs
from services.forms.agreements import PublishForm, TryForm
from services.models import Agreement, AgreementVersion
from services.queries import agreement_page as pages
from services.queries import agreements as queries
from services.queries.visible import services_visible_to
from services.views.shared import zone_of


@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    """Who promises what to whom, and by which version."""
    _readers_only(request)
    context = {"groups": pages.groups(request_now(request)), "can_shape": rules.can_shape(request.user)}
    return render(request, "services/agreements.html", context)


@require_safe
def agreement_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One agreement: the terms of the version that is asked for, else of the one in force."""
    agreement = _agreement(request, slug)
    now = request_now(request)
    versions = queries.versions_of(agreement)
    held = next((each for each in versions if each.holds_at(now)), None)
    version = _chosen(versions, request.GET.get("version", "")) or held or (versions[0] if versions else None)
    covered = pages.covered_by(agreement)[: pages.COVERED_SHOWN]
    context = {
        "agreement": agreement,
        "parties": pages.parties_of(agreement),
        "covers": pages.covers_of(agreement),
        "versions": versions,
        "held": held,
        "terms": pages.terms(version, now) if version else None,
        "draft": next((each for each in versions if each.is_draft), None),
        "services": covered,
        "can_shape": rules.can_shape(request.user),
        "now": now,
    }
    return render(request, "services/agreement.html", context)


@require_safe
def diff(request: HttpRequest, slug: str) -> HttpResponse:
    """What differs between two versions, those asked for or the newest two."""
    agreement = _agreement(request, slug)
    versions = queries.versions_of(agreement)
    if len(versions) < 2:
        raise Http404
    after = _chosen(versions, request.GET.get("to", "")) or versions[0]
    before = _chosen(versions, request.GET.get("from", "")) or _before(versions, after)
    context = {
        "agreement": agreement,
        "versions": versions,
        "before": before,
        "after": after,
        "changes": queries.difference(before, after),
    }
    return render(request, "services/agreement_diff.html", context)


@require_safe
def try_out(request: HttpRequest, slug: str) -> HttpResponse:
    """The test bench: an incident that might be, with every due time. Nothing is written."""
    agreement = _agreement(request, slug)
    now, zone = request_now(request), zone_of(request)
    services = services_visible_to(request.user).select_related(
        "client", "support_calendar", "owning_team__lead__site"
    )
    asked = "raised" in request.GET
    initial = {"raised": to_local(now, zone).replace(tzinfo=None), "zone": zone, "severity": "SEV2"}
    form = TryForm(request.GET if asked else None, initial=initial, agreement=agreement, services=services)
    context: dict[str, Any] = {
        "agreement": agreement,
        "form": form,
        "zones": sorted(available_timezones()),
        "trial": None,
    }
    if asked and form.is_valid():
        context |= _tried(agreement, form.cleaned_data)
    return render(request, "services/agreement_try.html", context)


def _tried(agreement: Agreement, asked: dict[str, Any]) -> dict[str, Any]:
    zone = asked["zone"]
    raised_at = instant_of(asked["raised"], zone)
    held = instant_of(asked["held_from"], zone), instant_of(asked["held_to"], zone)
    if raised_at is None:
        return {}
    number = int(asked["version"]) if asked["version"] else None
    version = queries.version_or_none(agreement, number, raised_at)
    if version is None:
        return {"nothing_holds": True}
    pauses = [(held[0], held[1])] if held[0] and held[1] else []
    try:
        trial = queries.trial(version, asked["service"], asked["severity"], raised_at, pauses)
    except Refused as refusal:
        return {"refusal": refusal}
    return {"trial": trial, "shown": pages.shown(trial.promises, raised_at, zone), "zone": zone}


@require_POST
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a new version with the terms of the newest; it is edited in the admin."""
    agreement = _agreement(request, slug)
    _leads_only(request)
    made = verbs.draft(agreement, actor=actor_of(request), now=request_now(request))
    return redirect(reverse("admin:services_agreementversion_change", args=[made.pk]))


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a draft would change, then put it in force."""
    agreement = _agreement(request, slug)
    _leads_only(request)
    versions = queries.versions_of(agreement)
    version = next((each for each in versions if each.number == number), None)
    if version is None:
        raise Http404
    refusal = None
    form = PublishForm(request.POST or None, initial={"note": version.note})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.publish(
                version,
                actor=actor_of(request),
                now=request_now(request),
                valid_from=instant_of(form.cleaned_data["valid_from"], zone_of(request)),
                note=form.cleaned_data["note"],
            )
            return redirect(reverse("services:agreement", args=[agreement.slug]))
        except Refused as refused:
            refusal = refused
    before = _before(versions, version) if len(versions) > 1 else None
    context = {
        "agreement": agreement,
        "version": version,
        "before": before,
        "changes": queries.difference(before, version) if before else [],
        "form": form,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "services/agreement_publish.html", context, status=status)


def _agreement(request: HttpRequest, slug: str) -> Agreement:
    """The agreement with what it covers, for whoever reads terms; anybody else finds none."""
    _readers_only(request)
    found: Agreement = get_object_or_404(
        queries.with_terms(Agreement.objects.all(), request_now(request)).prefetch_related("scopes"),
        slug=slug,
    )
    return found


def _readers_only(request: HttpRequest) -> None:
    if not rules.can_read_terms(request.user):
        raise Http404


def _leads_only(request: HttpRequest) -> None:
    if not rules.can_shape(request.user):
        raise NotAllowed(_("Only leads shape agreements."))


def _chosen(versions: list[AgreementVersion], number: str) -> AgreementVersion | None:
    return next((each for each in versions if str(each.number) == number), None)


def _before(versions: list[AgreementVersion], after: AgreementVersion) -> AgreementVersion:
    """The version before one; the first has none, and is compared with the next."""
    earlier = [each for each in versions if each.number < after.number]
    return earlier[0] if earlier else versions[-1]
