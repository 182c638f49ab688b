"""Agreements for programs: read by support, written by leads; versions drafted, compared, tried, published."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.domain.audit import record
from core.api.idempotency import once
from core.errors import Invalid, NotAllowed
from core.http.now import request_now
from services import rules
from services.api import agreement_serializers as shapes
from services.domain import agreements as verbs
from services.filters import AgreementFilter
from services.models import Agreement, AgreementVersion, Service
from services.queries import agreements as queries
from services.queries.visible import services_visible_to

MOST_STRETCHES = 400


class AgreementViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """Agreements by slug. Terms are the support organisation's; anybody else finds none. Leads write."""

    serializer_class = shapes.AgreementSerializer
    queryset = Agreement.objects.none()
    filterset_class = AgreementFilter
    lookup_field = "slug"
    keyset = ("name", "pk")
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> Any:
        if not rules.can_read_terms(self.request.user):
            return Agreement.objects.none()
        return queries.with_terms(Agreement.objects.all(), request_now(self.request._request))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._leads_only()

        def make() -> Response:
            asked = self.get_serializer(data=request.data)
            asked.is_valid(raise_exception=True)
            with transaction.atomic():
                scopes = asked.validated_data.pop("covered", [])
                made = Agreement.objects.create(**asked.validated_data)
                verbs.set_scopes(made, scopes)
                self._audit("agreement.create", made, asked.validated_data)
            return Response(self._shown(made), status=status.HTTP_201_CREATED)

        return once(request, make)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_object()
        self._leads_only()
        asked = self.get_serializer(found, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            scopes = asked.validated_data.pop("covered", None)
            for name, value in asked.validated_data.items():
                setattr(found, name, value)
            found.save(update_fields=list(asked.validated_data) or None)
            if scopes is not None:
                verbs.set_scopes(found, scopes)
            self._audit("agreement.edit", found, asked.validated_data)
        return Response(self._shown(found))

    @extend_schema(
        methods=["get"],
        responses=shapes.AgreementVersionSerializer(many=True),
        filters=False,
        operation_id="agreements_versions_list",
    )
    @extend_schema(
        methods=["post"],
        request=shapes.AgreementVersionSerializer,
        responses={201: shapes.AgreementVersionSerializer},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def versions(self, request: Request, slug: str = "") -> Response:
        """All versions, the newest first; a post drafts one. An empty body drafts one with the terms of the newest."""
        agreement = self.get_object()
        if request.method == "GET":
            return Response(shapes.AgreementVersionSerializer(queries.versions_of(agreement), many=True).data)
        self._leads_only()

        def make() -> Response:
            actor, now = actor_of(request), request_now(request._request)
            if not request.data:
                made = verbs.draft(agreement, actor=actor, now=now)
            else:
                asked = shapes.AgreementVersionSerializer(data=request.data)
                asked.is_valid(raise_exception=True)
                made = verbs.write_draft(agreement, asked.validated_data, actor=actor, now=now)
            return Response(shapes.AgreementVersionSerializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, make)

    @extend_schema(request=shapes.PublishTermsSerializer, responses=shapes.AgreementVersionSerializer)
    @action(detail=True, methods=["post"], url_path=r"versions/(?P<number>[0-9]{1,6})/publish")
    def publish(self, request: Request, slug: str = "", number: str = "") -> Response:
        """Put a draft in force; what held before ends there."""
        version = self._version(number)
        asked = shapes.PublishTermsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = verbs.publish(
            version, actor=actor_of(request), now=request_now(request._request), **asked.validated_data
        )
        return Response(shapes.AgreementVersionSerializer(made).data)

    @extend_schema(request=shapes.EndSerializer, responses=shapes.AgreementVersionSerializer)
    @action(detail=True, methods=["post"], url_path=r"versions/(?P<number>[0-9]{1,6})/end")
    def end(self, request: Request, slug: str = "", number: str = "") -> Response:
        """Nothing new is promised by it from an instant on."""
        version = self._version(number)
        asked = shapes.EndSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = verbs.end(
            version,
            asked.validated_data["valid_to"],
            actor=actor_of(request),
            now=request_now(request._request),
        )
        return Response(shapes.AgreementVersionSerializer(made).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("from", int, required=True, description="A version's number"),
            OpenApiParameter("to", int, required=True, description="Another's"),
        ],
        responses=shapes.TermChangeSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def diff(self, request: Request, slug: str = "") -> Response:
        """What differs between two versions."""
        agreement = self.get_object()
        before, after = (
            self._found(agreement, request.query_params.get(name, "")) for name in ("from", "to")
        )
        return Response(shapes.TermChangeSerializer(queries.difference(before, after), many=True).data)

    @extend_schema(request=shapes.TrySerializer, responses=shapes.TrialSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def try_out(self, request: Request, slug: str = "") -> Response:
        """Every due time of an incident that might be: nothing is written."""
        agreement = self.get_object()
        asked = shapes.TrySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        number = given.get("version")
        version = queries.version_or_none(agreement, number, given["raised_at"])
        if version is None:
            raise Invalid("It has no such version.", fields={"version": "unknown"})
        found = queries.trial(
            version,
            self._service(given.get("service")),
            given["severity"],
            given["raised_at"],
            [(hold["start"], hold["end"]) for hold in given.get("holds", [])],
        )
        return Response(shapes.TrialSerializer(_as_json(found)).data)

    def _service(self, slug: str | None) -> Service | None:
        if not slug:
            return None
        found = services_visible_to(self.request.user).select_related(
            "client", "support_calendar", "owning_team__lead__site"
        )
        service = found.filter(slug=slug).first()
        if service is None:
            raise Invalid("There is no such service.", fields={"service": "unknown"})
        return service

    def _version(self, number: str) -> AgreementVersion:
        agreement = self.get_object()
        self._leads_only()
        return self._found(agreement, number)

    def _found(self, agreement: Agreement, number: str) -> AgreementVersion:
        if not (number.isascii() and number.isdigit() and len(number) < 7):
            raise Invalid("A version is a number.", fields={"version": "not a number"})
        version = (
            agreement.versions.filter(number=int(number)).select_related("calendar", "agreement").first()
        )
        if version is None:
            raise NotFound(f"There is no version {number}.")
        return version

    def _shown(self, agreement: Agreement) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=agreement.pk)).data

    def _audit(self, verb: str, agreement: Agreement, values: dict[str, Any]) -> None:
        record(
            verb,
            actor=actor_of(self.request),
            now=request_now(self.request._request),
            subject_kind="agreement",
            subject_id=agreement.pk,
            subject_name=agreement.slug,
            detail={name: str(value)[:200] for name, value in values.items()},
        )

    def _leads_only(self) -> None:
        if not rules.can_shape(self.request.user):
            raise NotAllowed("Only leads shape agreements.")


def _as_json(found: queries.Trial) -> dict[str, Any]:
    return {
        "version": found.version.number,
        "severity": found.severity,
        "raised_at": found.raised_at,
        "zone": found.zone,
        "promises": [
            {
                "kind": each.terms.kind,
                "words": each.words,
                "target_seconds": each.terms.target_seconds,
                "warn_at": each.warn_at,
                "due_at": each.due_at,
                "rungs": [
                    {
                        "at": at,
                        "unit": rung.unit,
                        "amount": rung.amount,
                        "act": rung.act,
                        "whom": rung.whom,
                        "step": rung.step,
                    }
                    for rung, at in each.rungs
                ],
                "stretches": each.explained.stretches[:MOST_STRETCHES],
            }
            for each in found.promises
        ],
    }
