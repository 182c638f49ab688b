from django.urls import path

from services.views import catalogue

app_name = "services"
urlpatterns = [
    path("", catalogue.service_list, name="list"),
    path("<slug:slug>/", catalogue.service_detail, name="detail"),
]
