"""What `/api/v1/` takes from this room."""

from django.urls import path
from rest_framework.routers import BaseRouter

from monitoring.api.intake import IntakeView
from monitoring.api.viewsets import AlertViewSet, DeliveryViewSet, IntegrationViewSet


def register(router: BaseRouter) -> None:
    """The resources."""
    router.register("alerts", AlertViewSet, basename="alert")
    router.register("integrations", IntegrationViewSet, basename="integration")
    router.register("deliveries", DeliveryViewSet, basename="delivery")


urlpatterns = [path("intake/<slug:source>/<str:key>/", IntakeView.as_view(), name="intake")]
