from rest_framework.routers import DefaultRouter

from services.api import agreements, versions, views


def register(router: DefaultRouter) -> None:
    router.register("services", views.ServiceViewSet, basename="service")
    router.register("clients", views.ClientViewSet, basename="client")
    router.register("agreements", agreements.AgreementViewSet, basename="agreement")
    router.register("calendars", views.CalendarViewSet, basename="calendar")
    router.register("models", views.ModelViewSet, basename="model")
    router.register("model-versions", versions.ModelVersionViewSet, basename="model-version")
