"""One search over everything the reader may see; each app answers for its own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.nav import Jump, jumps_for

LIMIT = 60


def search(request: HttpRequest) -> HttpResponse:
    """What matches `q`, by kind. A single hit that is named exactly so (INC-1042) is opened at once."""
    q = request.GET.get("q", "")[:100].strip()
    hits = jumps_for(request, q, limit=LIMIT) if q else []
    exact = [hit for hit in hits if q.casefold() in _names(hit)]
    if len(exact) == 1 and "-" in q:
        return redirect(exact[0].url)
    context = {"q": q, "kinds": _by_kind(hits), "count": len(hits), "limit": LIMIT}
    return render(request, "core/search.html", context)


def _names(hit: Jump) -> set[str]:
    """What a hit is called: its label, and the first words of label and hint (where references stand)."""
    texts = (str(hit.label).casefold(), str(hit.hint).casefold())
    return {texts[0], *(text.split(" ")[0] for text in texts)}


def _by_kind(hits: list[Jump]) -> list[tuple[str, list[Jump]]]:
    """Under their headings, in the order in which the apps answered."""
    kinds: dict[str, list[Jump]] = {}
    for hit in hits:
        kinds.setdefault(str(hit.kind), []).append(hit)
    return list(kinds.items())
