"""Boundaries, the operating model and dependencies for programs: members read, leads write."""

from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.domain.audit import record
from accounts.rules import is_member
from core.api.idempotency import once
from core.errors import NotAllowed
from core.http.now import request_now
from services import rules
from services.api import boundary_serializers as serializers
from services.domain import operating_model
from services.domain.boundaries import problems_of
from services.domain.responsibilities import set_letters
from services.filters import ActivityFilter, DependencyFilter, OperatingModelFilter, PartyTermsFilter
from services.models import Activity, Dependency, OperatingModelVersion, PartyTerms, Responsibility, Service
from services.queries.boundaries import boundaries_of
from services.queries.visible import dependencies_visible_to, terms_visible_to


class BoundaryActions:
    """What `/services/<slug>/boundaries/` does; part of the services' viewset."""

    @extend_schema(
        methods=["GET"], responses=serializers.BoundariesSerializer, filters=False, operation_id="services_boundaries"
    )  # fmt: skip
    @extend_schema(
        methods=["PATCH"],
        request=serializers.SetLettersSerializer,
        responses=serializers.BoundariesSerializer,
        filters=False,
        operation_id="services_boundaries_set",
    )
    @action(detail=True, methods=["get", "patch"], pagination_class=None)
    def boundaries(self: Any, request: Request, slug: str = "") -> Response:
        """Who does what. PATCH changes the letters of the activities it names; null gives one back to the template."""
        service = self.get_object()
        if request.method == "PATCH":
            _leads_only(request)
            asked = serializers.SetLettersSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            set_letters(
                service,
                asked.validated_data["letters"],
                actor=actor_of(request),
                now=request_now(request._request),
            )
        return Response(_told(service, request))


class _Written(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet,
):
    """A small table that leads shape; every change is audited. A stranger finds nothing before being told what they may not do."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    kind = ""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _leads_only(request)

        def make() -> Response:
            asked = self.get_serializer(data=request.data)
            asked.is_valid(raise_exception=True)
            row = self._save(asked, "create")
            return Response(self._shown(row), status=status.HTTP_201_CREATED)

        return once(request, make)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_object()
        _leads_only(request)
        asked = self.get_serializer(found, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(self._shown(self._save(asked, "edit")))

    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_object()
        _leads_only(request)
        self._audit("delete", found, {})
        found.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @transaction.atomic
    def _save(self, asked: Any, verb: str) -> Any:
        row = asked.save()
        self._audit(verb, row, {name: str(value)[:200] for name, value in asked.validated_data.items()})
        return row

    def _shown(self, row: Any) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=row.pk)).data

    def _audit(self, verb: str, row: Any, detail: dict[str, Any]) -> None:
        record(
            f"{self.kind}.{verb}",
            actor=actor_of(self.request),
            now=request_now(self.request._request),
            subject_kind=self.kind,
            subject_id=row.pk,
            subject_name=str(row),
            detail=detail,
        )


class ActivityViewSet(_Written):
    """Activities of the operating model, in the order of the matrix, with the template's letters."""

    serializer_class = serializers.ActivitySerializer
    queryset = Activity.objects.none()
    filterset_class = ActivityFilter
    lookup_field = "slug"
    keyset = ("position", "pk")
    kind = "activity"

    def get_queryset(self) -> Any:
        found = Activity.objects.all() if is_member(self.request.user) else Activity.objects.none()
        rows = Responsibility.objects.filter(service__isnull=True)
        return found.prefetch_related(Prefetch("responsibilities", rows, to_attr="template_rows"))

    @transaction.atomic
    def _save(self, asked: Any, verb: str) -> Any:
        letters = asked.validated_data.pop("letters", None)
        row = super()._save(asked, verb)
        if letters is not None:
            now = request_now(self.request._request)
            set_letters(None, {row.slug: letters}, actor=actor_of(self.request), now=now)
        return row


class PartyTermsViewSet(_Written):
    """Where each party's work begins and ends: the template, and what services say otherwise."""

    serializer_class = serializers.PartyTermsSerializer
    queryset = PartyTerms.objects.none()
    filterset_class = PartyTermsFilter
    keyset = ("pk",)
    kind = "party_terms"

    def get_queryset(self) -> Any:
        return terms_visible_to(self.request.user).select_related("service", "team")


class DependencyViewSet(_Written):
    """What services take from one another."""

    serializer_class = serializers.DependencySerializer
    queryset = Dependency.objects.none()
    filterset_class = DependencyFilter
    keyset = ("pk",)
    kind = "dependency"

    def get_queryset(self) -> Any:
        return dependencies_visible_to(self.request.user).select_related("upstream", "downstream")


class OperatingModelViewSet(viewsets.ReadOnlyModelViewSet):
    """Published versions of the operating model, the newest first; POST publishes what holds now."""

    serializer_class = serializers.OperatingModelVersionSerializer
    queryset = OperatingModelVersion.objects.none()
    filterset_class = OperatingModelFilter
    lookup_field = "number"
    lookup_value_regex = r"\d{1,9}"
    keyset = ("-number", "-pk")

    def get_queryset(self) -> Any:
        found = OperatingModelVersion.objects.select_related("published_by")
        found = found.defer("snapshot") if self.action == "list" else found
        return found if rules.can_read_terms(self.request.user) else found.none()

    @extend_schema(responses=serializers.WholeOperatingModelSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the copy itself."""
        return Response(serializers.WholeOperatingModelSerializer(self.get_object()).data)

    @extend_schema(
        request=serializers.PublishSerializer,
        responses={201: serializers.OperatingModelVersionSerializer},
    )
    def create(self, request: Request) -> Response:
        """Publish the model as it stands."""
        _leads_only(request)
        asked = serializers.PublishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)

        def make() -> Response:
            made = operating_model.publish(
                note=asked.validated_data["note"],
                actor=actor_of(request),
                now=request_now(request._request),
            )
            return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

        return once(request, make)


def _told(service: Service, request: Request) -> Any:
    known = boundaries_of(service)
    inside = rules.can_read_terms(request.user)
    told = {
        "duties": known.duties,
        "parties": list(known.parties.values()),
        "problems": problems_of(known) if inside else [],
    }
    return serializers.BoundariesSerializer(told).data


def _leads_only(request: Request) -> None:
    if not rules.can_shape(request.user):
        raise NotAllowed("Only leads shape the operating model.")
