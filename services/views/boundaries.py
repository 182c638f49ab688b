"""Who does what: the matrix of a service and of the template, to read and to edit."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.actor import actor_of
from core.errors import NotAllowed
from core.http.now import request_now
from services import rules
from services.choices import letter_choices
from services.domain.boundaries import problems_of
from services.domain.responsibilities import set_letters
from services.forms.boundaries import letters_of
from services.models import Service
from services.queries.boundaries import boundaries_of, template
from services.queries.matrix import matrix_of
from services.queries.visible import services_visible_to
from services.types import Boundaries


@require_http_methods(["GET", "HEAD", "POST"])
def service_boundaries(request: HttpRequest, slug: str) -> HttpResponse:
    """The matrix of one service; leads edit it (`?edit=1`), and what says the same as the template follows the template."""
    visible = services_visible_to(request.user)
    service = get_object_or_404(
        visible.select_related("client", "owning_team__lead").prefetch_related("parties"), slug=slug
    )
    if request.method == "POST":
        _save(request, service)
        return redirect("services:boundaries", slug)
    return render(request, "services/boundaries.html", _context(request, boundaries_of(service), service))


@require_http_methods(["GET", "HEAD", "POST"])
def template_matrix(request: HttpRequest) -> HttpResponse:
    """The template of all services, to be edited by leads."""
    if not rules.can_shape(request.user):
        raise NotAllowed(_("Only leads shape the operating model."))
    if request.method == "POST":
        _save(request, None)
        return redirect("services:operating_model")
    return render(request, "services/boundaries.html", _context(request, template(), None))


def _save(request: HttpRequest, service: Service | None) -> None:
    if not rules.can_shape(request.user):
        raise NotAllowed(_("Only leads shape the operating model."))
    known = boundaries_of(service) if service is not None else template()
    wanted = letters_of(request.POST.dict(), known.duties)
    if service is not None:
        for slug in request.POST.getlist("template"):
            wanted[slug[:50]] = None
    changed = set_letters(service, wanted, actor=actor_of(request), now=request_now(request))
    said = ngettext("%(n)d activity changed.", "%(n)d activities changed.", len(changed)) % {
        "n": len(changed)
    }
    messages.success(request, said if changed else _("Nothing was changed."))


def _context(request: HttpRequest, boundaries: Boundaries, service: Service | None) -> dict[str, Any]:
    can_shape = rules.can_shape(request.user)
    return {
        "service": service,
        "matrix": matrix_of(boundaries),
        "problems": problems_of(boundaries) if rules.can_read_terms(request.user) else [],
        "can_shape": can_shape,
        "editing": can_shape and (service is None or bool(request.GET.get("edit"))),
        "letters": letter_choices(),
        "inside": rules.can_read_terms(request.user),
    }
