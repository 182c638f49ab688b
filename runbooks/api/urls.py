from rest_framework.routers import DefaultRouter

from runbooks.api.views import RunbookViewSet


def register(router: DefaultRouter) -> None:
    router.register("runbooks", RunbookViewSet, basename="runbook")
