"""Every door of the portal. Each app brings its own."""

from django.contrib import admin
from django.urls import include, path

from core.views.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
