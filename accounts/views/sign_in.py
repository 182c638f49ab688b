"""The door: sign in, sign in by a one-time link, sign out."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain import entrance, links, throttle
from accounts.forms import SignInForm
from accounts.models import Site, User
from accounts.views.guard import open_to_all
from core.errors import Refused
from core.http.client import client_address
from core.http.now import request_now


@open_to_all
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password; wrong tries are counted by account and by address."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = SignInForm(request.POST or None)
    context = {
        "form": form,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "sites": Site.objects.only("name", "zone"),
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/sign_in.html", context, status=400 if form.errors else 200)
    now = request_now(request)
    door = entrance.Door(form.cleaned_data["username"], client_address(request))
    verdict = throttle.claim(door.email, door.address, now=now)
    if verdict.locked_until:
        return render(
            request, "accounts/sign_in.html", {**context, "locked_until": verdict.locked_until}, status=429
        )
    user = authenticate(request, username=door.email, password=form.cleaned_data["password"])
    if not isinstance(user, User):
        locked = entrance.turn_away(door, verdict, now=now)
        form.add_error(None, "E-mail and password don't fit together.")
        return render(
            request,
            "accounts/sign_in.html",
            {**context, "locked_until": locked},
            status=429 if locked else 400,
        )
    entrance.let_in(user, door, now=now)
    login(request, user)
    return redirect(_next(request))


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time link: opening it changes nothing, its button signs in."""
    now = request_now(request)
    if request.method == "POST":
        try:
            user = links.use_link(token, address=client_address(request), now=now)
        except Refused:
            return render(request, "accounts/link_confirm.html", {"person": None}, status=410)
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect(settings.LOGIN_REDIRECT_URL)
    person = links.holder_of(token, now=now)
    return render(request, "accounts/link_confirm.html", {"person": person}, status=200 if person else 410)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the session is gone on the server too."""
    if isinstance(request.user, User):
        entrance.leave(request.user, address=client_address(request), now=request_now(request))
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@open_to_all
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin's sign-in is ours, so that throttle and audit hold there too."""
    wanted = request.GET.get("next", reverse("admin:index"))
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return redirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': wanted})}")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)
