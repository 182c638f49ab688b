from rest_framework.routers import DefaultRouter

from incidents.api.promises import CorrectionViewSet, ReplanningViewSet
from incidents.api.views import IncidentViewSet


def register(router: DefaultRouter) -> None:
    router.register("corrections", CorrectionViewSet, basename="correction")
    router.register("replannings", ReplanningViewSet, basename="replanning")
    router.register("incidents", IncidentViewSet, basename="incident")
