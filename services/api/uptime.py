"""Uptime by month, of a service and of a client."""

from datetime import date, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Invalid
from core.http.now import request_now
from core.zones import to_local
from services.api import objective_serializers as serializers
from services.choices import Environment, Lifecycle
from services.domain.windows import month_of
from services.forms.objectives import MonthForm
from services.models import Client, Service
from services.queries.uptime import Uptime, of_services, together
from services.queries.uptime_page import MOST_SERVICES
from services.queries.visible import services_visible_to

PARAMETERS = [
    OpenApiParameter("month", OpenApiTypes.STR, description="Such as 2026-11; this month unless told"),
    OpenApiParameter(
        "exclude_maintenance", OpenApiTypes.BOOL, description="false: announced work counts as ordinary time"
    ),
]


class ServiceUptimeMixin:
    """`…/services/{slug}/uptime/`."""

    @extend_schema(parameters=PARAMETERS, responses=serializers.ServiceUptimeSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def uptime(self: Any, request: Request, slug: str = "") -> Response:
        """How much of a month the service was up, by its client's calendar."""
        service = self.get_object()
        zone = service.client.zone if service.client else "UTC"
        month, (row,) = _rows(request, [service], zone)
        body = serializers.UptimeSerializer(row).data
        return Response({**body, "month": month, "zone": zone})


class ClientUptimeMixin:
    """`…/clients/{slug}/uptime/`."""

    @extend_schema(parameters=PARAMETERS, responses=serializers.ClientUptimeSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def uptime(self: Any, request: Request, slug: str = "") -> Response:
        """How much of a month the client's production services were up, each and together."""
        client: Client = self.get_object()
        services = list(
            services_visible_to(request.user)
            .filter(client=client, environment=Environment.PRODUCTION)
            .exclude(lifecycle__in=[Lifecycle.ONBOARDING, Lifecycle.RETIRED])
            .order_by("name", "pk")[:MOST_SERVICES]
        )
        month, rows = _rows(request, services, client.zone)
        whole = together(rows)
        told = {
            "month": month,
            "zone": client.zone,
            "uptime_percent": None if whole is None else float(whole * 100),
            "services": rows,
        }
        return Response(serializers.ClientUptimeSerializer(told).data)


def _rows(request: Request, services: list[Service], zone: str) -> tuple[str, list[Uptime]]:
    """The month that is asked for, and the services in it. Raises Invalid."""
    now = request_now(request._request)
    month = _month(request, zone, now)
    excludes = request.query_params.get("exclude_maintenance", "true").lower()
    if excludes not in {"true", "false"}:
        raise Invalid(
            "exclude_maintenance is true or false.", fields={"exclude_maintenance": "true or false"}
        )
    found = of_services(services, month_of(month, zone), now, exclude_announced=excludes == "true")
    return f"{month:%Y-%m}", found


def _month(request: Request, zone: str, now: datetime) -> date:
    asked = MonthForm({"month": request.query_params.get("month", "")})
    if not asked.is_valid():
        raise Invalid(
            "month is a month such as 2026-11.", fields={"month": " ".join(asked.errors.get("month", []))}
        )
    return asked.cleaned_data["month"] or to_local(now, zone).date().replace(day=1)
