"""People, teams, sites, one's own tokens, and the audit trail."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.api import serializers
from accounts.domain import tokens
from accounts.filters import AuditFilter, SiteFilter, TeamFilter, TokenFilter, UserFilter
from accounts.models import ApiToken, AuditEntry, Site, Team, User
from accounts.queries.audit import NEWEST_FIRST, audit_visible_to
from accounts.queries.people import people_visible_to, sites_visible_to, teams_visible_to
from accounts.queries.tokens import tokens_of
from accounts.rules import is_lead
from core.api.idempotency import once
from core.errors import NotAllowed
from core.http.now import request_now


class UserViewSet(viewsets.ReadOnlyModelViewSet):
    """People of the organisation; a stakeholder sees only themself."""

    serializer_class = serializers.UserSerializer
    queryset = User.objects.none()
    filterset_class = UserFilter
    keyset = ("name", "pk")

    def get_queryset(self) -> Any:
        return people_visible_to(self.request.user)


class TeamViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = serializers.TeamSerializer
    queryset = Team.objects.none()
    lookup_field = "slug"
    filterset_class = TeamFilter
    keyset = ("name", "pk")

    def get_queryset(self) -> Any:
        return teams_visible_to(self.request.user)


class SiteViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = serializers.SiteSerializer
    queryset = Site.objects.none()
    lookup_field = "slug"
    filterset_class = SiteFilter
    keyset = ("position", "pk")

    def get_queryset(self) -> Any:
        return sites_visible_to(self.request.user)


class TokenViewSet(mixins.ListModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet):
    """One's own keys. The text of a key is in the answer to the POST that made it, and nowhere else."""

    serializer_class = serializers.TokenSerializer
    queryset = ApiToken.objects.none()
    filterset_class = TokenFilter
    keyset = ("-created_at", "-pk")

    def get_queryset(self) -> Any:
        return tokens_of(self.request.user)

    @extend_schema(request=serializers.NewTokenSerializer, responses={201: serializers.MadeTokenSerializer})
    def create(self, request: Request) -> Response:
        asked = serializers.NewTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        if isinstance(request.auth, ApiToken):
            tokens.within(request.auth, data["scopes"], data["expires_at"])

        def make() -> Response:
            token, plain = tokens.issue(
                request.user,
                data["name"],
                data["scopes"],
                data["expires_at"],
                request_now(request._request),
                actor=actor_of(request),
            )
            token.token = plain
            return Response(serializers.MadeTokenSerializer(token).data, status=status.HTTP_201_CREATED)

        return once(request, make, unkept=("token",))

    def perform_destroy(self, instance: ApiToken) -> None:
        tokens.revoke(instance, actor=actor_of(self.request), now=request_now(self.request._request))


class AuditViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The audit trail, for leads."""

    serializer_class = serializers.AuditSerializer
    queryset = AuditEntry.objects.none()
    filterset_class = AuditFilter
    keyset = NEWEST_FIRST

    def get_queryset(self) -> Any:
        return audit_visible_to(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not is_lead(request.user):
            raise NotAllowed("The audit trail is for leads.")
        return super().list(request, *args, **kwargs)
