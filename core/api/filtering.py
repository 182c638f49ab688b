"""The filters of a list, where its pages can ask them."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request


class KeptFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """Leaves the filters that a request asked for on the view, as `filterset`."""

    def get_filterset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        view.filterset = super().get_filterset(request, queryset, view)
        return view.filterset
