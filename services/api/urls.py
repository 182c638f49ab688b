from rest_framework.routers import DefaultRouter

from services.api import agreements, boundaries, objectives, readiness, versions, views


def register(router: DefaultRouter) -> None:
    router.register("services", views.ServiceViewSet, basename="service")
    router.register("objectives", objectives.ObjectiveViewSet, basename="objective")
    router.register("impact-windows", objectives.ImpactViewSet, basename="impact-window")
    router.register("maintenance-windows", objectives.MaintenanceViewSet, basename="maintenance-window")
    router.register("clients", views.ClientViewSet, basename="client")
    router.register("agreements", agreements.AgreementViewSet, basename="agreement")
    router.register("calendars", views.CalendarViewSet, basename="calendar")
    router.register("activities", boundaries.ActivityViewSet, basename="activity")
    router.register("party-terms", boundaries.PartyTermsViewSet, basename="party-terms")
    router.register("dependencies", boundaries.DependencyViewSet, basename="dependency")
    router.register(
        "operating-model-versions", boundaries.OperatingModelViewSet, basename="operating-model-version"
    )
    router.register("readiness", readiness.ReadinessViewSet, basename="readiness")
    router.register("models", views.ModelViewSet, basename="model")
    router.register("model-versions", versions.ModelVersionViewSet, basename="model-version")
