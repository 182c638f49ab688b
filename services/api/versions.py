"""Model versions for programs: the pipeline that deploys registers them and moves their stage."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import actor_of
from accounts.api.concurrency import IF_MATCH, refuse_if_changed, tag_of
from core.api.idempotency import once
from core.errors import Invalid, NotAllowed
from core.http.now import request_now
from services import rules
from services.api import serializers
from services.domain import versions
from services.filters import ModelVersionFilter
from services.models import MLModel, ModelVersion
from services.queries.visible import services_visible_to


class ModelVersionViewSet(viewsets.ReadOnlyModelViewSet):
    """Versions, newest first. POST registers one, PATCH moves its stage."""

    serializer_class = serializers.ModelVersionSerializer
    queryset = ModelVersion.objects.none()
    filterset_class = ModelVersionFilter
    keyset = ("-pk",)

    def get_queryset(self) -> Any:
        visible = services_visible_to(self.request.user)
        return ModelVersion.objects.filter(model__service__in=visible).select_related("model__service")

    @extend_schema(
        request=serializers.RegisterVersionSerializer,
        responses={200: serializers.ModelVersionSerializer, 201: serializers.ModelVersionSerializer},
    )
    def create(self, request: Request) -> Response:
        """201 for a new version; 200, unchanged, for one that is known already."""
        self._recorders_only()

        def make() -> Response:
            asked = serializers.RegisterVersionSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            fields = asked.validated_data
            version, is_new = versions.register(
                self._model(fields["service"], fields["model"]),
                fields["version"],
                actor=actor_of(request),
                now=request_now(request._request),
                stage=fields["stage"],
                trained_at=fields.get("trained_at"),
                notes=fields.get("notes", ""),
            )
            body = self.get_serializer(version).data
            return Response(body, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

        return once(request, make)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # The tag first: an edit between the two makes the copy newer than its tag, never older.
        tag = tag_of("modelversion", self.get_object().pk)
        response = super().retrieve(request, *args, **kwargs)
        response["ETag"] = tag
        return response

    @extend_schema(
        request=serializers.StageSerializer,
        responses=serializers.ModelVersionSerializer,
        parameters=[IF_MATCH],
    )
    @transaction.atomic
    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Move it to another stage; to where it stands already changes nothing.

        With `If-Match`, a move from an older copy is refused with what changed since.
        """
        version = self.get_object()
        self._recorders_only()
        MLModel.objects.select_for_update().get(pk=version.model_id)
        refuse_if_changed(request, "modelversion", version.pk)
        version = self.get_object()
        asked = serializers.StageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        versions.set_stage(
            version,
            asked.validated_data["stage"],
            actor=actor_of(request),
            now=request_now(request._request),
        )
        return self._tagged(Response(self.get_serializer(version).data))

    def _tagged(self, response: Response) -> Response:
        response["ETag"] = tag_of("modelversion", response.data["id"])
        return response

    def _model(self, service: str, name: str) -> MLModel:
        visible = services_visible_to(self.request.user)
        model = MLModel.objects.filter(service__in=visible, service__slug=service, name=name).first()
        if model is None:
            raise Invalid(
                f"{service} has no model called {name}; a lead adds models in the admin.",
                fields={"model": "unknown"},
            )
        return model

    def _recorders_only(self) -> None:
        if not rules.can_record_versions(self.request.user):
            raise NotAllowed("Versions are recorded by support and by programs that deploy.")
