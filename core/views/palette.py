"""Where the palette (⌘K) can jump, as a fragment."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.nav import jumps_for


def palette(request: HttpRequest) -> HttpResponse:
    """The places that match `q`; all rooms where nothing is typed."""
    q = request.GET.get("q", "")[:100].strip()
    return render(request, "core/_palette_results.html", {"q": q, "jumps": jumps_for(request, q)})
