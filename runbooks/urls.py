from django.urls import path

from runbooks.views import pages

app_name = "runbooks"
urlpatterns = [
    path("", pages.runbook_list, name="list"),
    path("for/<slug:slug>/", pages.for_service, name="for_service"),
    path("<slug:slug>/", pages.runbook_detail, name="detail"),
]
