"""The numbers page and its export."""

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.http.now import request_now
from reporting.domain import pictures
from reporting.domain.table import rows_of
from reporting.forms import NumbersForm
from reporting.queries.remembered import recent_numbers


@require_GET
def numbers_page(request: HttpRequest) -> HttpResponse:
    """Volume, times and promises of a period beside the one before."""
    form = NumbersForm(request.GET, user=request.user, now=request_now(request))
    found = recent_numbers(request.user, form.scope())
    context = {
        "form": form,
        "found": found,
        "figures": pictures.head(found),
        "volume": pictures.volume(found),
        "acknowledge": pictures.acknowledge_times(found),
        "resolve": pictures.resolve_times(found),
        "promises": pictures.promises(found),
        "services": pictures.services(found),
        "services_sentence": pictures.services_sentence(found),
        "export_url": f"{reverse('reporting:numbers_csv')}?{request.GET.urlencode()}",
    }
    return render(request, "reporting/numbers.html", context)


@require_GET
def numbers_csv(request: HttpRequest) -> HttpResponse:
    """The same numbers as rows: what, of which week or severity, the value and its unit."""
    form = NumbersForm(request.GET, user=request.user, now=request_now(request))
    found = recent_numbers(request.user, form.scope())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mainstay-numbers.csv"'
    writer = csv.writer(response)
    writer.writerow(["measure", "period", "severity", "value", "unit"])
    writer.writerows(rows_of(found))
    return response
