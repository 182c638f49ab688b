"""Calendar addresses: read by programs without a sign-in, made and revoked by people."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import actor_of
from accounts.models import User
from accounts.views.guard import open_to_all
from core.http.client import client_address
from core.http.now import request_now
from rotas import rules
from rotas.domain import feeds, ical
from rotas.models import Feed
from rotas.queries.feed import duties_of, name_of
from rotas.queries.visible import rotas_visible_to

# The address is the credential: it goes to no other site, into no shared cache and no index.
_SEALED = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@open_to_all
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar behind a secret address, or 304 where the reader has it as it is. What is wrong is a plain line."""
    now = request_now(request)
    try:
        found = feeds.open_feed(secret, address=client_address(request), now=now)
    except feeds.NoFeed as refusal:
        return _sealed(
            HttpResponse(refusal.message, status=refusal.status, content_type="text/plain; charset=utf-8")
        )
    duties, name = duties_of(found, now), name_of(found)
    host = urlsplit(settings.MAINSTAY_PUBLIC_URL).hostname or "mainstay"
    feeds.note_read(found, now)
    etag = quote_etag(ical.tag_of(name, duties, host))
    changed = max((duty.changed_at for duty in duties), default=found.created_at)
    # Only the mark counts: a shift that was taken away leaves no later change behind.
    response = get_conditional_response(request, etag=etag)
    if response is None:
        text = ical.write(name, duties, host)
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed.timestamp())
    return _sealed(response)


@require_POST
def feed_begin(request: HttpRequest) -> HttpResponse:
    """Make an address of one's own shifts, or of the rota named in `rota`, and show it once."""
    user = _reader(request)
    slug = request.POST.get("rota", "")
    rota = get_object_or_404(rotas_visible_to(user), slug=slug) if slug else None
    made, secret = feeds.begin_feed(user, rota, actor=actor_of(request), now=request_now(request))
    path = reverse("rotas:feed", kwargs={"secret": secret})
    context: dict[str, Any] = {
        "feed": made,
        "address": f"{settings.MAINSTAY_PUBLIC_URL}{path}",
        "back": _back(made),
    }
    response = render(request, "rotas/feed.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def feed_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End an address of one's own."""
    found = get_object_or_404(Feed.objects.select_related("rota"), pk=pk, user=_reader(request))
    feeds.revoke_feed(found, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("The address leads nowhere any more."))
    return redirect(_back(found))


def _reader(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not rules.can_see_rotas(request.user):
        raise PermissionDenied
    return request.user


def _back(found: Feed) -> str:
    """The page on which the address is offered."""
    if found.rota is None:
        return reverse("accounts:me")
    return reverse("rotas:detail", kwargs={"slug": found.rota.slug})


def _sealed(response: HttpResponse) -> HttpResponse:
    for name, value in _SEALED.items():
        response[name] = value
    return response
