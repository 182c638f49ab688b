from rest_framework.routers import DefaultRouter

from accounts.api import views


def register(router: DefaultRouter) -> None:
    router.register("users", views.UserViewSet, basename="user")
    router.register("teams", views.TeamViewSet, basename="team")
    router.register("sites", views.SiteViewSet, basename="site")
    router.register("tokens", views.TokenViewSet, basename="token")
    router.register("audit", views.AuditViewSet, basename="audit")
