"""`Authorization: Token …` for programs."""

from datetime import timedelta
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from core.crypto import digest
from core.http.now import request_now

TOUCH_EVERY = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """Looks the token's digest up; refuses revoked, expired and orphaned ones with the reason."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"token":
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Write the header as: Authorization: Token mst_…")
        token = (
            ApiToken.objects.select_related("user__site")
            .filter(digest=digest(words[1].decode("latin-1")))
            .first()
        )
        now = request_now(request._request)
        if token is None or token.revoked_at is not None:
            raise AuthenticationFailed("This token is unknown or was revoked. Make a new one on your page.")
        if token.expires_at is not None and token.expires_at <= now:
            raise AuthenticationFailed("This token has expired. Make a new one on your page.")
        if not token.user.is_active:
            raise AuthenticationFailed("The account behind this token is deactivated.")
        if token.last_used_at is None or now - token.last_used_at > TOUCH_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token mst_…"}
