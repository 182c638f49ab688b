"""Pages of alerts and intake."""

from django.urls import path

from monitoring.views import alerts, intake, panels

app_name = "monitoring"
urlpatterns = [
    path("", alerts.alert_list, name="alerts"),
    path("<int:pk>/", alerts.alert_detail, name="alert"),
    path("<int:pk>/route/", alerts.alert_route, name="alert_route"),
    path("for/<slug:slug>/", panels.for_service, name="for_service"),
    path("parked/", intake.parked_list, name="parked"),
    path("parked/<int:pk>/", intake.delivery_detail, name="delivery"),
    path("parked/<int:pk>/replay/", intake.delivery_replay, name="delivery_replay"),
    path("integrations/", intake.integration_list, name="integrations"),
    path("integrations/<int:pk>/rotate/", intake.integration_rotate, name="integration_rotate"),
    path("integrations/<int:pk>/rate/", intake.integration_rate, name="integration_rate"),
    path("integrations/<int:pk>/switch/", intake.integration_switch, name="integration_switch"),
]
