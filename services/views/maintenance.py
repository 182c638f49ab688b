"""Planned work: what is to come and was, planning it, cancelling it."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import actor_of
from core.errors import Invalid, NotAllowed
from core.http.now import request_now
from core.pagination import paginate
from services import rules
from services.choices import Lifecycle
from services.domain import maintenance
from services.filters import MaintenanceFilter
from services.forms.objectives import MaintenanceForm
from services.queries.maintenance import maintenance_visible_to
from services.queries.visible import services_visible_to
from services.views.shared import zone_of

NEWEST_FIRST = ("-starts_at", "-pk")


@require_http_methods(["GET", "HEAD", "POST"])
def window_list(request: HttpRequest) -> HttpResponse:
    """Planned work on services this person may see, the latest first; a form for those who plan."""
    with timezone.override(ZoneInfo(zone_of(request))):  # moments are typed by the reader's clock
        return _window_list(request)


def _window_list(request: HttpRequest) -> HttpResponse:
    plans = rules.can_plan_maintenance(request.user)
    now = request_now(request)
    form = None
    if request.method == "POST" and not plans:
        raise NotAllowed(_("Work is planned by support."))
    if plans:
        offered = (
            services_visible_to(request.user).exclude(lifecycle=Lifecycle.RETIRED).select_related("client")
        )
        initial = {"services": request.GET.getlist("service")[:1]}
        form = MaintenanceForm(
            request.POST if request.method == "POST" else None, services=offered, initial=initial
        )
    if request.method == "POST" and form is not None and form.is_valid():
        values = form.cleaned_data
        try:
            maintenance.plan(list(values.pop("services")), **values, actor=actor_of(request), now=now)
        except Invalid as refusal:
            for name, fault in refusal.fields.items():
                form.add_error(name, fault)
        else:
            messages.success(request, _("The work is planned."))
            return redirect("services:maintenance")
    found = MaintenanceFilter(request.GET, maintenance_visible_to(request.user))
    page = paginate(
        found.qs,
        NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        size=30,
        query=request.META.get("QUERY_STRING", ""),
    )
    context = {
        "page": page,
        "rows": [(window, window.state_at(now)) for window in page.items],
        "form": form,
        "now": now,
    }
    return render(request, "services/maintenance.html", context, status=400 if form and form.errors else 200)


@require_POST
def window_do(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Cancel it, or say that the clients were told."""
    verbs = {"cancel": maintenance.cancel, "announce": maintenance.announce}
    if verb not in verbs:
        raise Http404
    window = get_object_or_404(maintenance_visible_to(request.user), pk=pk)
    if not rules.can_plan_maintenance(request.user):
        raise NotAllowed(_("Work is planned by support."))
    verbs[verb](window, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("It is cancelled.") if verb == "cancel" else _("It counts as announced."))
    return redirect("services:maintenance")
