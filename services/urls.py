from django.urls import path

from services.views import catalogue, maintenance, objectives, openslo, uptime

app_name = "services"
urlpatterns = [
    path("", catalogue.service_list, name="list"),
    path("objectives/", objectives.objective_list, name="objectives"),
    path("objectives/<slug:slug>/", objectives.objective_detail, name="objective"),
    path("objectives/<slug:slug>/openslo/", openslo.export, name="objective_openslo"),
    path("openslo/", openslo.take_over, name="openslo"),
    path("maintenance/", maintenance.window_list, name="maintenance"),
    path("maintenance/<int:pk>/<slug:verb>/", maintenance.window_do, name="maintenance_do"),
    path("uptime/", uptime.months, name="uptime"),
    path("<slug:slug>/", catalogue.service_detail, name="detail"),
]
