"""This room's part of `/api/v1/`, as config mounts it."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("monitoring.api.urls"))]
