"""Runbooks for programs."""

from typing import Any

from rest_framework import serializers, viewsets

from runbooks.filters import RunbookFilter
from runbooks.models import Runbook, RunbookStep
from runbooks.queries.lists import runbooks_visible_to


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


class RunbookViewSet(viewsets.ReadOnlyModelViewSet):
    """By slug; `?search=` words, `?service=` slug. Support only."""

    serializer_class = RunbookSerializer
    queryset = Runbook.objects.none()
    filterset_class = RunbookFilter
    lookup_field = "slug"
    keyset = ("title", "pk")

    def get_queryset(self) -> Any:
        return runbooks_visible_to(self.request.user).prefetch_related("services", "steps")
