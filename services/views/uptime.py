"""How much of a month services were up."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.errors import Invalid
from core.http.now import request_now
from services.choices import Environment, Lifecycle
from services.domain.windows import month_before
from services.forms.objectives import MonthForm
from services.models import Client
from services.queries.uptime_page import MOST_SERVICES, blocks, month_now, months_of, named
from services.queries.visible import services_visible_to
from services.views.shared import zone_of


@require_safe
def months(request: HttpRequest) -> HttpResponse:
    """Uptime by client and service: a month and the two before it. `planned=all` counts planned work as ordinary time."""
    now = request_now(request)
    asked = MonthForm(request.GET)
    if not asked.is_valid():
        raise Invalid(
            " ".join(" ".join(errors) for errors in asked.errors.values()),
            fields={name: " ".join(errors) for name, errors in asked.errors.items()},
        )
    present = month_now(zone_of(request), now)
    month = min(asked.cleaned_data["month"] or present, present)
    visible = services_visible_to(request.user).filter(environment=Environment.PRODUCTION)
    clients = Client.objects.filter(pk__in=visible.order_by().values("client")).order_by("name", "pk")
    chosen = visible.exclude(lifecycle__in=[Lifecycle.ONBOARDING, Lifecycle.RETIRED])
    if asked.cleaned_data["client"]:
        chosen = chosen.filter(client__slug=asked.cleaned_data["client"])
    counts_all = request.GET.get("planned") == "all"
    services = list(chosen.select_related("client").order_by("name", "pk")[:MOST_SERVICES])
    context = {
        "blocks": blocks(services, month, now, exclude_announced=not counts_all),
        "months": [named(each) for each in months_of(month)],
        "before": named(month_before(month)),
        "after": named(_after(month)) if month < present else None,
        "clients": clients,
        "client": asked.cleaned_data["client"],
        "counts_all": counts_all,
        "is_running": month == present,
    }
    return render(request, "services/uptime.html", context)


def _after(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
