"""The frame's own pages."""

from django.conf import settings
from django.urls import path

from core.views.palette import palette
from core.views.search import search
from core.views.styleguide import styleguide

app_name = "core"
urlpatterns = [
    path("palette/", palette, name="palette"),
    path("search/", search, name="search"),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
