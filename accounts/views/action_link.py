"""The page of a signed link in a message: look, press one button, read what became of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.domain import action_links
from accounts.views.guard import open_to_all
from core.errors import Refused
from core.http.client import client_address
from core.http.now import request_now

# The address of the page is the credential: it goes to no other site, into no cache and no index.
_SEALED = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


# No CSRF token: that guards against a browser adding its own cookie to a stranger's form. Here no cookie counts,
# whoever knows the path may post to it, and programs that open links from mail often keep no cookies.
@open_to_all
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it changes nothing, so mail scanners may; its button does what the message offered."""
    now, address = request_now(request), client_address(request)
    context: dict[str, Any] = {"referrer": _SEALED["Referrer-Policy"]}
    status, template = 200, "accounts/action.html"
    try:
        link = action_links.read(token, address=address, now=now)
        if request.method == "POST":
            user, act, done = action_links.use(link, address=address, now=now)
            context |= {"person": user, "act": act, "sight": done.sight, "done": done}
        else:
            user, act, sight = action_links.look(link, now=now)
            context |= {"person": user, "act": act, "sight": sight, "done": None, "ends_at": link.ends_at}
    except Refused as refusal:
        status, template = refusal.status, "accounts/action_dead.html"
        context |= {"refusal": refusal, "ref": refusal.extra.get("ref", "")}
    response = render(request, template, context, status=status)
    for name, value in _SEALED.items():
        response[name] = value
    return response
