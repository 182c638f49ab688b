from django.urls import path

from services.views import agreements, catalogue

app_name = "services"
urlpatterns = [
    path("", catalogue.service_list, name="list"),
    path("agreements/", agreements.agreement_list, name="agreements"),
    path("agreements/<slug:slug>/", agreements.agreement_detail, name="agreement"),
    path("agreements/<slug:slug>/diff/", agreements.diff, name="agreement_diff"),
    path("agreements/<slug:slug>/try/", agreements.try_out, name="agreement_try"),
    path("agreements/<slug:slug>/draft/", agreements.draft, name="agreement_draft"),
    path("agreements/<slug:slug>/publish/<int:number>/", agreements.publish, name="agreement_publish"),
    path("<slug:slug>/", catalogue.service_detail, name="detail"),
]
