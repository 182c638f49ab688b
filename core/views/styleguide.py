"""The living style page, shown only while debugging."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.http.now import request_now
from core.ui.samples import samples


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with invented data."""
    return render(request, "core/components.html", samples(request_now(request)))
