"""The keyset paginator behind DRF's lists: `results`, `next`, `previous`, and `count` when asked."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Invalid
from core.pagination import MAX_SIZE, Page, paginate_read


class KeysetPagination(BasePagination):
    """`?cursor=` and `?limit=` (1 to 200, default 50). A view names its order by `keyset`, and by `page_reader` what makes rows of
    a queryset, where they are to be no models."""

    page: Page[Any]
    default_size = 50

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        ordering: Sequence[str] = getattr(view, "keyset", ("-pk",))
        self.request = request
        self.total = queryset.order_by().count() if self._counts(request) else None
        self.page = paginate_read(
            queryset,
            ordering,
            getattr(view, "page_reader", list),
            cursor=request.query_params.get("cursor", ""),
            size=self._size(request),
            query=request.META.get("QUERY_STRING", ""),
            sparse=getattr(getattr(view, "filterset", None), "without_words", None),
        )
        return self.page.items

    def _size(self, request: Request) -> int:
        raw = request.query_params.get("limit", "")
        if not raw:
            return self.default_size
        if not raw.isascii() or not raw.isdigit() or len(raw) > 6 or not 1 <= int(raw) <= MAX_SIZE:
            raise Invalid("limit is a number from 1 to 200.", fields={"limit": "1 to 200"})
        return int(raw)

    def _counts(self, request: Request) -> bool:
        raw = request.query_params.get("count", "")
        if raw not in {"", "true", "false"}:
            raise Invalid("count is true or false.", fields={"count": "true or false"})
        return raw == "true"

    def get_paginated_response(self, data: Any) -> Response:
        base = self.request.build_absolute_uri(self.request.path)
        body: dict[str, Any] = {
            "next": base + self.page.next_url if self.page.next_cursor else None,
            "previous": base + self.page.previous_url if self.page.previous_cursor else None,
            "results": data,
        }
        if self.total is not None:
            body = {"count": self.total, **body}
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "Only with ?count=true"},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, kind: str, description: str, **bounds: int) -> dict[str, Any]:
            return {
                "name": name,
                "required": False,
                "in": "query",
                "description": description,
                "schema": {"type": kind, **bounds},
            }

        return [
            parameter("cursor", "string", "Where to go on: taken from `next` or `previous`."),
            parameter("limit", "integer", "Rows a page; 50 unless told.", minimum=1, maximum=MAX_SIZE),
            parameter("count", "boolean", "true adds `count` of all rows that fit."),
        ]
