"""What `/api/v1/` takes from this room."""

from rest_framework.routers import BaseRouter

from rotas.api.handovers import HandoverViewSet
from rotas.api.viewsets import (
    LeaveViewSet,
    OverrideViewSet,
    PolicyViewSet,
    RotaViewSet,
    RunViewSet,
    SwapViewSet,
)


def register(router: BaseRouter) -> None:
    """The resources."""
    router.register("rotas", RotaViewSet, basename="rota")
    router.register("overrides", OverrideViewSet, basename="override")
    router.register("swaps", SwapViewSet, basename="swap")
    router.register("leave", LeaveViewSet, basename="leave")
    router.register("policies", PolicyViewSet, basename="policy")
    router.register("escalation-runs", RunViewSet, basename="escalation-run")
    router.register("handovers", HandoverViewSet, basename="handover")
