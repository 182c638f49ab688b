"""Pages of incidents."""

from django.urls import path

from incidents.views import asked, board, detail, panels, promises, record, terms, verbs

app_name = "incidents"
urlpatterns = [
    path("", board.board, name="board"),
    path("new/", record.report, name="new"),
    path("kept/<slug:slug>/", panels.kept, name="kept"),
    path("terms/", terms.terms, name="terms"),
    path("terms/applied/", terms.terms_progress, name="terms_progress"),
    path("for-service/<slug:slug>/", panels.for_service, name="for_service"),
    path("for-alert/<int:pk>/", panels.for_alert, name="alert_panel"),
    path("<str:ref>/", detail.detail, name="detail"),
    path("<str:ref>/spine/", detail.spine_fragment, name="spine"),
    path("<str:ref>/rail/", detail.rail_fragment, name="rail"),
    path("<str:ref>/told/", asked.told, name="told"),
    path("<str:ref>/owners/", asked.owners, name="owners"),
    path("<str:ref>/promises/", promises.promises, name="promises"),
    path("<str:ref>/promises/<int:pk>/correct/", promises.correct, name="correct"),
    path("<str:ref>/promises/corrections/<int:pk>/", promises.decide, name="correction"),
    path("<str:ref>/callable/", asked.callable_now, name="callable"),
    path("<str:ref>/steps/", asked.steps_now, name="steps_now"),
    path("<str:ref>/asked-for/", asked.asked_for, name="asked_for"),
    path("<str:ref>/whose/", asked.bounds, name="whose"),
    path("<str:ref>/edit/", record.change, name="edit"),
    path("<str:ref>/runbooks/<int:pk>/follow/", verbs.follow, name="follow"),
    path("<str:ref>/steps/<int:link>/<int:position>/", verbs.step, name="step"),
    path("<str:ref>/<str:verb>/", verbs.act, name="act"),
]
