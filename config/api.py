"""Everything under `/api/v1/`: each app brings its own resources.

An app's `api/urls.py` may offer `register(router)` for viewsets and `urlpatterns` for the rest.
"""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

APPS = ["accounts", "services", "notifications", "rotas", "runbooks", "monitoring", "incidents", "reporting"]


def _patterns() -> list[URLPattern | URLResolver]:
    router = DefaultRouter(use_regex_path=True)
    single: list[URLPattern | URLResolver] = []
    for app in APPS:
        doors = import_module(f"{app}.api.urls")
        if hasattr(doors, "register"):
            doors.register(router)
        if hasattr(doors, "urlpatterns"):
            single.append(path("", include(doors.urlpatterns)))
    return [*single, path("", include(router.urls))]


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    # Split: the page and its script are two answers, so that the strict content policy holds.
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    *_patterns(),
]
