"""Runbooks for programs."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from runbooks.models import Runbook, RunbookStep
from runbooks.queries.lists import found, runbooks_visible_to


class StepSerializer(serializers.ModelSerializer):
    class Meta:
        model = RunbookStep
        fields = ["position", "text", "detail"]


class RunbookSerializer(serializers.ModelSerializer):
    ref = serializers.CharField(read_only=True)
    services = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Runbook
        fields = [
            "ref", "slug", "title", "summary", "body", "services", "matchers", "steps", "version", "tested_at", "updated_at",
        ]  # fmt: skip


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="Words, each by its beginning"),
            OpenApiParameter("service", str, description="Slug of a service it is written for"),
        ]
    )
)
class RunbookViewSet(viewsets.ReadOnlyModelViewSet):
    """By slug; `?search=` words, `?service=` slug. Support only."""

    serializer_class = RunbookSerializer
    queryset = Runbook.objects.none()
    lookup_field = "slug"
    keyset = ("title", "pk")

    def get_queryset(self) -> Any:
        asked = self.request.query_params
        visible = runbooks_visible_to(self.request.user).prefetch_related("services", "steps")
        return found(visible, words=asked.get("search", "")[:200], service=asked.get("service", "")[:80])
