"""An incident that began in a year Python can't read would fail every page that shows it: none gets in."""

from datetime import datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from core import clock
from core.errors import Invalid
from core.types import SYSTEM
from incidents.domain.edit import edit
from incidents.models import Incident
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
YEAR_ONE = datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Kathmandu"))
SENT = {"title": "Old", "cell": "high:high", "service": "svc-a"}


@pytest.fixture
def reporter(client):
    person = make.user("stakeholder", own_zone="Asia/Kathmandu")
    make.service(slug="svc-a", client=make.client_((person,)))
    client.force_login(person)
    return person


@pytest.mark.parametrize("began", ["0001-01-01T00:00", "1969-12-31T23:59", "9999-12-31T23:59"])
def test_the_form_refuses_what_began_before_1970_or_lies_ahead(client, reporter, began):
    answer = client.post("/incidents/new/", {**SENT, "started_at": began})

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["started_at"])
    assert Incident.objects.count() == 0


@pytest.mark.parametrize("field", ["started_at", "detected_at"])
@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00+05:45",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59-05:00",
    ],
)
def test_the_api_refuses_it_on_that_field(client, reporter, field, at):
    body = {"service": "svc-a", "title": "Old", "severity": "SEV3", field: at}
    answer = client.post("/api/v1/incidents/", body, "application/json")

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])


def test_an_edit_refuses_it_too(client):
    client.force_login(make.user(own_zone="America/Bogota"))
    made = make.incident(now=clock.now())

    answer = client.patch(
        f"/api/v1/incidents/{made.ref}/",
        {"started_at": "0001-01-01T00:00:00Z"},
        "application/json",
        headers={"If-Match": '"1"'},
    )

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["started_at"])


def test_a_callers_clock_may_be_a_little_ahead(client, reporter):
    at = clock.now() + timedelta(minutes=2)
    body = {"service": "svc-a", "title": "Now", "severity": "SEV3", "started_at": at.isoformat()}

    answer = client.post("/api/v1/incidents/", body, "application/json")

    assert answer.status_code == 201
    assert Incident.objects.get().started_at <= at


@pytest.mark.parametrize("field", ["started_at", "detected_at"])
def test_the_verbs_refuse_it(field):
    with pytest.raises(Invalid) as refusal:
        make.incident(**{field: YEAR_ONE})

    assert field in refusal.value.fields


def test_editing_by_the_verb_refuses_it():
    made = make.incident()

    with pytest.raises(Invalid) as refusal:
        edit(made, actor=SYSTEM, now=NOW, changes={"started_at": YEAR_ONE})

    assert list(refusal.value.fields) == ["started_at"]


@pytest.mark.parametrize("field", ["started_at", "detected_at"])
def test_the_database_keeps_none(field):
    made = make.incident()

    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=made.pk).update(**{field: YEAR_ONE})


def test_rows_of_before_are_mended_by_the_migration():
    """They begin when they were opened: when they really did is not known."""
    migration = import_module("incidents.migrations.0005_known_years")
    made = make.incident()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE incidents_incident DROP CONSTRAINT incident_started_in_known_years,"
            " DROP CONSTRAINT incident_detected_in_known_years"
        )
        cursor.execute(
            "UPDATE incidents_incident SET started_at = '0001-01-01 BC', detected_at = '9999-12-31 23:59+00'"
        )

    migration.mend(apps, None)

    made.refresh_from_db()
    assert (made.started_at, made.detected_at) == (NOW, NOW)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-05:00"])
@pytest.mark.parametrize("zone", ["America/Bogota", "Asia/Kathmandu"])
@pytest.mark.parametrize("name", ["opened_after", "opened_before"])
def test_the_board_reads_the_ends_of_the_calendar_in_every_zone(client, zone, at, name):
    client.force_login(make.user(own_zone=zone))

    assert client.get("/incidents/", {name: at}).status_code == 200
    assert client.get("/api/v1/incidents/", {name: at}).status_code == 400
