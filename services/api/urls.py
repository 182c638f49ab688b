from rest_framework.routers import DefaultRouter

from services.api import objectives, versions, views


def register(router: DefaultRouter) -> None:
    router.register("services", views.ServiceViewSet, basename="service")
    router.register("objectives", objectives.ObjectiveViewSet, basename="objective")
    router.register("impact-windows", objectives.ImpactViewSet, basename="impact-window")
    router.register("maintenance-windows", objectives.MaintenanceViewSet, basename="maintenance-window")
    router.register("clients", views.ClientViewSet, basename="client")
    router.register("agreements", views.AgreementViewSet, basename="agreement")
    router.register("calendars", views.CalendarViewSet, basename="calendar")
    router.register("models", views.ModelViewSet, basename="model")
    router.register("model-versions", versions.ModelVersionViewSet, basename="model-version")
