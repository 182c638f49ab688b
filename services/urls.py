from django.urls import path

from services.views import (
    agreements,
    boundaries,
    catalogue,
    maintenance,
    objectives,
    openslo,
    operating_model,
    readiness,
    uptime,
)

app_name = "services"
# Fixed addresses come before those of services: services.validators.RESERVED_SLUGS.
urlpatterns = [
    path("", catalogue.service_list, name="list"),
    path("agreements/", agreements.agreement_list, name="agreements"),
    path("agreements/<slug:slug>/", agreements.agreement_detail, name="agreement"),
    path("agreements/<slug:slug>/diff/", agreements.diff, name="agreement_diff"),
    path("agreements/<slug:slug>/try/", agreements.try_out, name="agreement_try"),
    path("agreements/<slug:slug>/draft/", agreements.draft, name="agreement_draft"),
    path("agreements/<slug:slug>/publish/<int:number>/", agreements.publish, name="agreement_publish"),
    path("operating-model/", operating_model.current_model, name="operating_model"),
    path("operating-model/matrix/", boundaries.template_matrix, name="template_matrix"),
    path("operating-model/publish/", operating_model.publish_model, name="operating_model_publish"),
    path("operating-model/<int:number>/", operating_model.published_model, name="operating_model_version"),
    path("standards/", readiness.scorecard, name="standards"),
    path("standards/export.csv", readiness.scorecard_csv, name="standards_csv"),
    path("objectives/", objectives.objective_list, name="objectives"),
    path("objectives/<slug:slug>/", objectives.objective_detail, name="objective"),
    path("objectives/<slug:slug>/openslo/", openslo.export, name="objective_openslo"),
    path("openslo/", openslo.take_over, name="openslo"),
    path("maintenance/", maintenance.window_list, name="maintenance"),
    path("maintenance/<int:pk>/<slug:verb>/", maintenance.window_do, name="maintenance_do"),
    path("uptime/", uptime.months, name="uptime"),
    path("<slug:slug>/", catalogue.service_detail, name="detail"),
    path("<slug:slug>/objectives/", catalogue.objectives_panel, name="objectives_panel"),
    path("<slug:slug>/boundaries/", boundaries.service_boundaries, name="boundaries"),
    path("<slug:slug>/readiness/", readiness.service_readiness, name="readiness"),
    path("<slug:slug>/readiness/panel/", readiness.readiness_panel, name="readiness_panel"),
    path("<slug:slug>/readiness/check/", readiness.check_now, name="readiness_check"),
    path("<slug:slug>/readiness/<str:standard>/", readiness.take_on, name="readiness_take_on"),
]
