"""This room's doors as config mounts them, and the admin."""

from django.contrib import admin
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from monitoring.api.urls import register

router = DefaultRouter(use_regex_path=True)
register(router)
urlpatterns = [
    path("alerts/", include("monitoring.urls")),
    path("api/v1/", include("monitoring.api.urls")),
    path("api/v1/", include(router.urls)),
    path("admin/", admin.site.urls),
]
