"""The operating model as one document: as it stands, and as it was published."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import actor_of
from core.errors import NotAllowed
from core.http.now import request_now
from services import rules
from services.domain import operating_model as model
from services.domain.boundaries import problems_of
from services.forms.boundaries import PublishForm
from services.models import OperatingModelVersion
from services.queries.matrix import matrix_of, said_of, terms_of

SHOWN = 200


@require_safe
def current_model(request: HttpRequest) -> HttpResponse:
    """What holds now, and what of it is not published yet."""
    _readers_only(request)
    snapshot = model.current()
    newest = OperatingModelVersion.objects.select_related("published_by").first()
    changes = model.differences(newest.snapshot, snapshot) if newest else []
    boundaries = model.as_boundaries(snapshot)
    context = {
        "version": None,
        "newest": newest,
        "changes": changes[:SHOWN],
        "changes_count": len(changes),
        "matrix": matrix_of(boundaries),
        "problems": problems_of(boundaries),
        "services": _own(snapshot),
        "versions": _versions(),
        "form": PublishForm(),
        "can_shape": rules.can_shape(request.user),
    }
    return render(request, "services/operating_model.html", context)


@require_safe
def published_model(request: HttpRequest, number: int) -> HttpResponse:
    """One version as it was published, and what it changed of the one before or of `?since=`."""
    _readers_only(request)
    found = OperatingModelVersion.objects.select_related("published_by")
    if number >= 2**31:
        raise Http404
    version = get_object_or_404(found, number=number)
    asked = request.GET.get("since", "")
    since = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else number - 1
    before = OperatingModelVersion.objects.filter(number=since).first()
    changes = model.differences(before.snapshot, version.snapshot) if before else []
    context = {
        "version": version,
        "before": before,
        "changes": changes[:SHOWN],
        "changes_count": len(changes),
        "matrix": matrix_of(model.as_boundaries(version.snapshot)),
        "problems": [],
        "services": _own(version.snapshot),
        "versions": _versions(),
        "can_shape": rules.can_shape(request.user),
    }
    return render(request, "services/operating_model.html", context)


@require_POST
def publish_model(request: HttpRequest) -> HttpResponse:
    """Keep what holds now as the next version."""
    if not rules.can_shape(request.user):
        raise NotAllowed(_("Only leads publish the operating model."))
    version = model.publish(
        note=request.POST.get("note", ""), actor=actor_of(request), now=request_now(request)
    )
    messages.success(request, _("Version %(number)d is published.") % {"number": version.number})
    return redirect("services:operating_model_version", version.number)


def _readers_only(request: HttpRequest) -> None:
    if not rules.can_read_terms(request.user):
        raise NotAllowed(_("The operating model is for the support team."))


def _versions() -> list[OperatingModelVersion]:
    found = OperatingModelVersion.objects.select_related("published_by__site").defer("snapshot")
    return list(found[:20])


def _own(snapshot: dict) -> list[dict]:
    """What services say otherwise than the template, ready to be drawn."""
    found = []
    for service in snapshot["services"]:
        own = model.as_boundaries(service)
        found.append(
            {
                "slug": service["slug"],
                "name": service["name"],
                "client": service["client"],
                "rows": [(duty.name, said_of(duty)) for duty in own.duties],
                "terms": [terms_of(bounds) for bounds in own.parties.values()],
            }
        )
    return found
