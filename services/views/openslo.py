"""Objectives as OpenSLO documents: taken away, and taken over after a look at what that would do."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import actor_of
from accounts.views.guard import requires
from core.errors import Invalid
from core.http.now import request_now
from services import rules
from services.domain import openslo, taking_over
from services.forms.objectives import OpenSLOForm
from services.queries.objectives import objectives_visible_to
from services.queries.visible import services_visible_to

PLAIN = "application/yaml; charset=utf-8"


@require_safe
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """One objective as a file."""
    visible = objectives_visible_to(request.user).select_related("service")
    objective = get_object_or_404(visible, slug=slug)
    name = f'attachment; filename="{objective.slug}.yaml"'
    return HttpResponse(openslo.write([objective]), content_type=PLAIN, headers={"Content-Disposition": name})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(rules.can_set_objectives)
def take_over(request: HttpRequest) -> HttpResponse:
    """Paste or choose documents, look at what they would make and change, then do it."""
    posted = request.method == "POST"
    form = OpenSLOForm(request.POST if posted else None, request.FILES if posted else None)
    steps, text = None, ""
    if posted and form.is_valid():
        text = form.cleaned_data["text"]
        services = services_visible_to(request.user)
        try:
            if request.POST.get("do") == "apply":
                done = taking_over.take_over(
                    text, services, actor=actor_of(request), now=request_now(request)
                )
                n = sum(step.what != "same" for step in done)
                messages.success(
                    request,
                    ngettext("%(n)d objective was taken over.", "%(n)d objectives were taken over.", n)
                    % {"n": n}
                    if n
                    else _("Everything was as the documents say; nothing changed."),
                )
                return redirect("services:objectives")
            steps = taking_over.preview(text, services)
        except Invalid as refusal:
            form.add_error(None, refusal.message)
    context = {"form": form, "steps": steps, "text": text, "does": any(s.what != "same" for s in steps or [])}
    return render(request, "services/openslo.html", context, status=400 if form.errors else 200)
