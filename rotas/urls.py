"""Pages of rotas."""

from django.urls import path

from rotas.views import calling, coverage, feeds, handovers, panels, people, plan, policies, rotas

app_name = "rotas"
urlpatterns = [
    path("", rotas.rota_list, name="list"),
    path("now/", panels.panel_now, name="panel_now"),
    path("mine/", panels.my_shifts, name="my_shifts"),
    path("for/<slug:slug>/", panels.for_service, name="for_service"),
    path("calendar/", coverage.calendar_page, name="calendar"),
    path("coverage/", coverage.coverage_page, name="coverage"),
    path("fairness/", coverage.fairness_page, name="fairness"),
    path("hours.csv", coverage.hours_csv, name="hours_csv"),
    path("swaps/", people.swap_page, name="swaps"),
    path("swaps/<int:pk>/<slug:verb>/", people.swap_answer, name="swap_answer"),
    path("leave/", people.leave_page, name="leave"),
    path("leave/<int:pk>/<slug:verb>/", people.leave_answer, name="leave_answer"),
    path("policies/", policies.policy_list, name="policies"),
    path("policies/<slug:slug>/", policies.policy_detail, name="policy"),
    path("simulator/", calling.simulator, name="simulator"),
    path("drills/", calling.drill_page, name="drills"),
    path("drills/<int:pk>/", calling.drill_detail, name="drill"),
    path("drills/<int:pk>/<slug:verb>/", calling.drill_verb, name="drill_verb"),
    path("leave/calendar/<slug:verb>/", people.leave_calendar, name="leave_calendar"),
    path("leave/import/", people.leave_import, name="leave_import"),
    path("feeds/new/", feeds.feed_begin, name="feed_begin"),
    path("feeds/<int:pk>/revoke/", feeds.feed_revoke, name="feed_revoke"),
    path("feeds/<str:secret>.ics", feeds.feed, name="feed"),
    path("handovers/", handovers.handover_list, name="handovers"),
    path("handovers/waiting/", handovers.panel_waiting, name="handovers_waiting"),
    path("handovers/<int:pk>/", handovers.handover_detail, name="handover"),
    path("handovers/<int:pk>/<slug:verb>/", handovers.handover_do, name="handover_do"),
    path("handovers/<int:pk>/items/<int:item>/<slug:verb>/", handovers.item_do, name="handover_item"),
    path("new/", plan.rota_new, name="new"),
    path("<slug:slug>/", rotas.rota_detail, name="detail"),
    path("<slug:slug>/gap/", coverage.gap_suggestions, name="gap_suggestions"),
    path("<slug:slug>/gap/fill/", coverage.gap_fill, name="gap_fill"),
    path("<slug:slug>/plan/", plan.rota_plan, name="plan"),
    path("<slug:slug>/patterns/<int:pk>/undo/", plan.pattern_undo, name="pattern_undo"),
    path("<slug:slug>/overrides/", rotas.override_add, name="override_add"),
    path("<slug:slug>/overrides/<int:pk>/remove/", rotas.override_remove, name="override_remove"),
    path("<slug:slug>/shadows/", rotas.shadow_add, name="shadow_add"),
    path("<slug:slug>/shadows/<int:pk>/remove/", rotas.shadow_remove, name="shadow_remove"),
]
