"""The catalogue in the admin: leads only, times of day, one champion."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from core.types import SYSTEM
from services.admin_forms import CalendarForm, ExceptionForm, FrameForm, MinutesField
from services.domain import maintenance
from services.models import (
    BusinessCalendar,
    CalendarFrame,
    ImpactWindow,
    IndicatorBucket,
    ModelVersion,
    Objective,
    Service,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
PAGES = [
    "client", "service", "mlmodel", "modelversion", "businesscalendar", "agreement", "objective", "impactwindow",
    "maintenancewindow",
]  # fmt: skip


@pytest.fixture
def lead(client):
    person = make.user("lead")
    client.force_login(person)
    return person


def one_of_each():
    service = make.service(client=make.client_(members=(make.user("stakeholder"),)))
    office = make.calendar(always_open=False)
    CalendarFrame.objects.create(calendar=office, weekday=0, opens=570, closes=1440)
    version = ModelVersion.objects.create(model=make.model(service), version="v1", stage="champion")
    return {
        "client": service.client,
        "service": service,
        "mlmodel": version.model,
        "modelversion": version,
        "businesscalendar": office,
        "agreement": service.agreement,
        "objective": make.objective(service),
        "impactwindow": make.impact(service, 5),
        "maintenancewindow": maintenance.plan(
            [service], title="Disks", starts_at=NOW, ends_at=NOW + timedelta(hours=1), actor=SYSTEM, now=NOW
        ),
    }


@pytest.mark.parametrize("name", PAGES)
def test_a_lead_lists_searches_adds_and_changes(client, lead, name):
    row = one_of_each()[name]
    pages = [
        reverse(f"admin:services_{name}_changelist"),
        reverse(f"admin:services_{name}_changelist") + "?q=a",
        reverse(f"admin:services_{name}_add"),
        reverse(f"admin:services_{name}_change", args=[row.pk]),
        reverse(f"admin:services_{name}_history", args=[row.pk]),
    ]
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


@pytest.mark.parametrize("name", PAGES)
def test_a_responder_does_not_enter(client, name):
    client.force_login(make.user())
    assert client.get(reverse(f"admin:services_{name}_changelist")).status_code in {302, 403}


@pytest.mark.parametrize(
    ("typed", "minutes"), [("09:30", 570), ("9", 540), ("0:00", 0), ("24:00", 1440), ("", None)]
)
def test_a_time_of_day_is_minutes(typed, minutes):
    assert MinutesField(required=False).clean(typed) == minutes


@pytest.mark.parametrize("typed", ["24:01", "9:60", "nine", "-1", "09:3", "٠٩:٣٠"])
def test_what_is_no_time_of_day_is_refused(typed):
    form = FrameForm({"weekday": "0", "opens": typed, "closes": "17:00"})
    assert list(form.errors) == ["opens"]


def test_a_frame_shows_its_times_and_an_untouched_one_has_not_changed():
    frame = CalendarFrame(calendar=make.calendar(), weekday=0, opens=570, closes=1440)
    form = FrameForm({"weekday": "0", "opens": "09:30", "closes": "24:00"}, instance=frame)
    assert (form["opens"].value(), FrameForm(instance=frame)["closes"].value()) == ("09:30", "24:00")
    assert form.has_changed() is False


@pytest.mark.parametrize("times", [("09:00", ""), ("", "17:00"), ("17:00", "09:00")])
def test_an_exception_is_closed_or_a_frame(times):
    form = ExceptionForm({"date": "2026-03-04", "opens": times[0], "closes": times[1]})
    assert form.is_valid() is False


def test_a_calendar_is_saved_with_frames_from_the_page(client, lead):
    client.post(
        reverse("admin:services_businesscalendar_add"),
        {
            "name": "Bogotá", "slug": "bogota", "zone": "America/Bogota", "country": "co",
            "frames-TOTAL_FORMS": "1", "frames-INITIAL_FORMS": "0",
            "frames-0-weekday": "0", "frames-0-opens": "08:00", "frames-0-closes": "12:30",
            "exceptions-TOTAL_FORMS": "1", "exceptions-INITIAL_FORMS": "0",
            "exceptions-0-date": "2026-12-24", "exceptions-0-reason": "Party",
        },
    )  # fmt: skip
    made = BusinessCalendar.objects.get(slug="bogota")
    assert made.country == "CO"
    assert [(frame.opens, frame.closes) for frame in made.frames.all()] == [(480, 750)]
    assert [(day.opens, day.reason) for day in made.exceptions.all()] == [(None, "Party")]
    assert AuditEntry.objects.filter(action="admin.add", subject_kind="businesscalendar").count() == 1


@pytest.mark.parametrize(
    ("place", "wrong"),
    [({"country": "ZZ"}, "country"), ({"subdivision": "BY"}, "subdivision"),
     ({"country": "DE", "subdivision": "XX"}, "subdivision")],
)  # fmt: skip
def test_a_calendar_needs_a_country_whose_holidays_are_known(place, wrong):
    form = CalendarForm({"name": "A", "slug": "a", "zone": "UTC", **place})
    assert list(form.errors) == [wrong]


def test_a_champion_made_in_the_admin_archives_the_former(client, lead):
    model = make.model(make.service())
    former = ModelVersion.objects.create(model=model, version="v1", stage="champion")
    second = ModelVersion.objects.create(model=model, version="v2")
    form = {"model": model.pk, "version": "v2", "stage": "champion"}
    answer = client.post(reverse("admin:services_modelversion_change", args=[second.pk]), form)
    assert answer.status_code == 302
    action = {"action": "make_champion", "_selected_action": [former.pk]}
    stages = dict(ModelVersion.objects.values_list("version", "stage"))
    assert stages == {"v1": "archived", "v2": "champion"}
    client.post(reverse("admin:services_modelversion_changelist"), action)
    stages = dict(ModelVersion.objects.values_list("version", "stage"))
    assert stages == {"v1": "champion", "v2": "archived"}


def test_a_trap_behind_a_link_is_refused_in_the_admin(client, lead):
    service = make.service(slug="scorer")
    client.post(
        reverse("admin:services_service_change", args=[service.pk]),
        {
            "name": "Scorer", "slug": "scorer", "tier": 1, "kind": "online", "environment": "production",
            "lifecycle": "live", "owning_team": service.owning_team_id, "agreement": service.agreement_id,
            "links": '[{"label": "Trap", "url": "javascript:alert(1)"}]',
            "models-TOTAL_FORMS": "0", "models-INITIAL_FORMS": "0",
        },
    )  # fmt: skip
    assert Service.objects.get(slug="scorer").links == []


OBJECTIVE = {
    "name": "Answers",
    "slug": "answers",
    "indicator": "events",
    "target": "99.9",
    "window": "rolling_28d",
    "zone": "UTC",
    "at_risk_percent": "75",
    "is_active": "on",
    "burn_alerts": "on",
    "burns-TOTAL_FORMS": "0",
    "burns-INITIAL_FORMS": "0",
}


def test_an_objective_of_the_admin_is_looked_at(client, lead):
    service = make.service()
    page = client.post(reverse("admin:services_objective_add"), {**OBJECTIVE, "service": service.pk})
    assert page.status_code == 302
    made = Objective.objects.get()
    assert (made.service, made.burns.filter(next_at__isnull=False).count()) == (service, 4)
    assert AuditEntry.objects.filter(action="admin.add", subject_kind="objective").exists()


@pytest.mark.parametrize(
    "change", [{"target": "100"}, {"zone": "Nowhere"}, {"indicator": "samples"}, {"slug": "openslo"}]
)
def test_what_does_not_fit_is_said_at_its_field(client, lead, change):
    values = {**OBJECTIVE, "service": make.service().pk, **change}
    page = client.post(reverse("admin:services_objective_add"), values)
    assert page.status_code == 200
    assert page.context["adminform"].form.errors
    assert not Objective.objects.exists()


def test_counts_are_mended_and_never_more_good_than_there_are(client, lead):
    row = make.bucket(make.objective(), NOW, 5, 10)
    url = reverse("admin:services_indicatorbucket_change", args=[row.pk])
    assert client.get(reverse("admin:services_indicatorbucket_changelist")).status_code == 200
    assert client.post(url, {"good": "11", "total": "10"}).status_code == 200
    assert client.post(url, {"good": "9", "total": "10"}).status_code == 302
    assert IndicatorBucket.objects.get().good == 9


def test_an_impact_that_ends_before_it_begins_is_refused(client, lead):
    row = make.impact(make.service(), 5)
    url = reverse("admin:services_impactwindow_change", args=[row.pk])
    values = {"service": row.service_id, "effect": "down", "share": "100"}
    values |= {"starts_at_0": "2026-03-04", "starts_at_1": "08:00"}
    page = client.post(url, {**values, "ends_at_0": "2026-03-04", "ends_at_1": "07:00"})
    assert page.status_code == 200
    assert client.post(url, {**values, "ends_at_0": "", "ends_at_1": ""}).status_code == 302
    assert ImpactWindow.objects.get().ends_at is None


def test_work_planned_in_the_admin_has_its_planner(client, lead):
    values = {
        "services": [make.service().pk],
        "title": "Disks",
        "starts_at_0": "2030-03-04",
        "starts_at_1": "08:00",
        "ends_at_0": "2030-03-04",
        "ends_at_1": "09:00",
        "announced": "on",
    }
    assert client.post(reverse("admin:services_maintenancewindow_add"), values).status_code == 302
    window = Service.objects.get().maintenance.get()
    assert (window.created_by, window.announced_at is not None) == (lead, True)
