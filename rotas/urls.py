"""Pages of rotas."""

from django.urls import path

from rotas.views import panels, rotas

app_name = "rotas"
urlpatterns = [
    path("", rotas.rota_list, name="list"),
    path("now/", panels.panel_now, name="panel_now"),
    path("mine/", panels.my_shifts, name="my_shifts"),
    path("for/<slug:slug>/", panels.for_service, name="for_service"),
    path("<slug:slug>/", rotas.rota_detail, name="detail"),
    path("<slug:slug>/overrides/", rotas.override_add, name="override_add"),
    path("<slug:slug>/overrides/<int:pk>/remove/", rotas.override_remove, name="override_remove"),
]
