"""One search over everything the reader may see; each app answers for its own."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.nav import Jump, jumps_for

LIMIT = 60


def search(request: HttpRequest) -> HttpResponse:
    """What matches `q`, by kind. A single hit that says exactly `q` (a reference) is opened at once."""
    q = request.GET.get("q", "")[:100].strip()
    hits = jumps_for(request, q, limit=LIMIT) if q else []
    exact = [hit for hit in hits if str(hit.label).split(" ")[0].casefold() == q.casefold()]
    if len(exact) == 1 and "-" in q:
        return redirect(exact[0].url)
    kinds = [(kind, list(found)) for kind, found in groupby(sorted(hits, key=_kind), key=_kind)]
    return render(request, "core/search.html", {"q": q, "kinds": kinds, "count": len(hits), "limit": LIMIT})


def _kind(hit: Jump) -> str:
    return str(hit.hint)
