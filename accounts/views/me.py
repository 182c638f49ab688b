"""One's own page: who I am here, how I'm told, my keys."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import actor_of
from accounts.domain import entrance, people, throttle, tokens
from accounts.forms import PasswordForm, ProfileForm, TokenForm
from accounts.queries.tokens import tokens_of
from accounts.rules import is_support
from core.errors import IllegalState
from core.http.now import request_now


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The page with all its forms."""
    return _page(request)


@require_POST
def profile(request: HttpRequest) -> HttpResponse:
    """Zone and phone."""
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, profile=form, status=400)
    people.change_profile(
        request.user, **form.cleaned_data, actor=actor_of(request), now=request_now(request)
    )
    messages.success(request, _("Saved."))
    return redirect("accounts:me")


@sensitive_post_parameters()
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session ends. Wrong present ones count like wrong sign-ins."""
    email = request.user.email
    if throttle.claim(email, None, now=request_now(request)).locked_until:
        raise IllegalState(_("Too many wrong tries. Wait a while, then try again."), code="locked")
    form = PasswordForm(request.POST, user=request.user)
    valid = form.is_valid()
    if "old" not in form.errors:
        throttle.clear(email)
    if not valid:
        return _page(request, password=form, status=400)
    people.change_password(
        request.user, form.cleaned_data["new"], actor=actor_of(request), now=request_now(request)
    )
    update_session_auth_hash(request, request.user)
    messages.success(request, _("The password is changed; other sessions are signed out."))
    return redirect("accounts:me")


@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of mine, this one too."""
    entrance.end_sessions(request.user, actor=actor_of(request), now=request_now(request))
    return redirect("accounts:sign_in")


@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a key and show it once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, token=form, status=400)
    now = request_now(request)
    _token, plain = tokens.issue(
        request.user, form.cleaned_data["name"], form.scopes, now + form.life, now, actor=actor_of(request)
    )
    return _page(request, plain=plain)


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key of mine."""
    token = get_object_or_404(tokens_of(request.user), pk=pk)
    tokens.revoke(token, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:me")


def _page(
    request: HttpRequest,
    *,
    profile: ProfileForm | None = None,
    password: PasswordForm | None = None,
    token: TokenForm | None = None,
    plain: str = "",
    status: int = 200,
) -> HttpResponse:
    user = request.user
    context: dict[str, Any] = {
        "profile_form": profile or ProfileForm(initial={"own_zone": user.own_zone, "phone": user.phone}),
        "password_form": password or PasswordForm(user=user),
        "token_form": token or TokenForm(),
        "tokens": tokens_of(user).order_by("-created_at", "-pk"),
        "plain": plain,
        "teams": user.teams.all(),
        "has_shifts": is_support(user),
    }
    response = render(request, "accounts/me.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
