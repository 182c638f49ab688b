"""The catalogue for programs."""

import pytest
from django.test import Client

from accounts.domain.tokens import issue
from accounts.models import AuditEntry
from services.models import CalendarException, CalendarFrame, ModelVersion, Service
from tests import make

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def lead(client):
    person = make.user("lead")
    client.force_login(person)
    return person


@pytest.fixture
def pipeline():
    """A program that deploys, with a token that may write."""
    _, text = issue(make.user("service"), "deploys", ["write"], None, make.NOW)
    return Client(headers={"Authorization": f"Token {text}"})


def post(client, where, body, **headers):
    return client.post(f"{API}{where}/", body, "application/json", headers=headers)


def patch(client, where, body):
    return client.patch(f"{API}{where}/", body, "application/json")


def slugs(answer):
    return [row["slug"] for row in answer.json()["results"]]


def wanted(**fields):
    return {"slug": "scorer", "name": "Scorer", "kind": "online", "owning_team": make.team().slug, **fields}


def test_a_lead_creates_a_service_and_the_trail_knows(client, lead):
    partner = make.team("partner")
    links = [{"label": "Dashboard", "url": "https://grafana.example.org/d/1"}]
    answer = post(client, "services", wanted(client=make.client_().slug, parties=[partner.slug], links=links))
    service = Service.objects.get(slug="scorer")
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["parties"], answer.json()["links"], service.tier) == ([partner.slug], links, 2)
    assert AuditEntry.objects.filter(action="service.create", subject_name="scorer").count() == 1


def test_the_same_key_creates_once(client, lead):
    body = wanted()
    headers = {"Idempotency-Key": "k1"}
    first, again = (post(client, "services", body, **headers) for _ in range(2))
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")


def test_edits_change_only_what_is_sent(client, lead):
    partner = make.team("partner")
    make.service(slug="scorer", name="Scorer", tier=1).parties.add(partner)
    answer = patch(client, "services/scorer", {"tier": 3})
    assert (answer.status_code, answer.json()["tier"], answer.json()["name"]) == (200, 3, "Scorer")
    assert answer.json()["parties"] == [partner.slug]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//x.example.org", "ftp://x.example.org", "https://"])
def test_links_lead_to_the_web_or_nowhere(client, lead, url):
    make.service(slug="scorer")
    answer = patch(client, "services/scorer", {"links": [{"label": "Trap", "url": url}]})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["links"])


def test_only_leads_shape_the_catalogue(client):
    client.force_login(make.user())
    make.service(slug="scorer")
    assert post(client, "services", {}).status_code == 403
    assert patch(client, "services/scorer", {"tier": 3}).status_code == 403


def test_a_stakeholder_reads_theirs_and_nothing_else(client):
    alice = make.user("stakeholder")
    lumen, orbita = make.client_(members=(alice,), slug="lumen"), make.client_(slug="orbita")
    mine, other = make.service(slug="mine", client=lumen), make.service(slug="other", client=orbita)
    ModelVersion.objects.create(model=make.model(mine, name="m"), version="v1")
    hidden = ModelVersion.objects.create(model=make.model(other, name="o"), version="v1")
    make.calendar(slug="always")
    client.force_login(alice)
    assert slugs(client.get(f"{API}services/")) == ["mine"]
    assert slugs(client.get(f"{API}clients/")) == ["lumen"]
    assert slugs(client.get(f"{API}calendars/")) == []
    assert slugs(client.get(f"{API}agreements/")) == []
    assert [row["service"] for row in client.get(f"{API}model-versions/").json()["results"]] == ["mine"]
    assert [row["name"] for row in client.get(f"{API}models/").json()["results"]] == ["m"]
    assert client.get(f"{API}services/other/").status_code == 404
    assert (
        client.get(f"{API}calendars/always/explain/?start=2026-03-04T08:00:00Z&seconds=1").status_code == 404
    )
    assert patch(client, "services/other", {"tier": 3}).status_code == 404
    assert patch(client, "services/mine", {"tier": 3}).status_code == 403
    assert patch(client, f"model-versions/{hidden.pk}", {"stage": "champion"}).status_code == 404
    assert patch(client, f"model-versions/{hidden.pk - 1}", {"stage": "champion"}).status_code == 403
    assert (
        post(client, "model-versions", {"service": "mine", "model": "m", "version": "v2"}).status_code == 403
    )


def test_nobody_reads_without_a_name(client):
    make.service()
    assert {client.get(f"{API}{where}/").status_code for where in ("services", "clients", "calendars")} == {
        401
    }


def test_a_pipeline_registers_and_promotes(pipeline):
    client = pipeline
    make.model(make.service(slug="scorer"), name="xgb")
    body = {"service": "scorer", "model": "xgb", "version": "v1", "stage": "champion"}
    first = post(client, "model-versions", body)
    again = post(client, "model-versions", body)
    second = post(client, "model-versions", {**body, "version": "v2", "stage": "canary"})
    promoted = patch(client, f"model-versions/{second.json()['id']}", {"stage": "champion"})
    assert [answer.status_code for answer in (first, again, second, promoted)] == [201, 200, 201, 200]
    assert promoted.json()["promoted_at"] is not None
    assert dict(ModelVersion.objects.values_list("version", "stage")) == {"v1": "archived", "v2": "champion"}


def test_an_unknown_model_is_said_so(pipeline):
    make.service(slug="scorer")
    answer = post(pipeline, "model-versions", {"service": "scorer", "model": "nope", "version": "v1"})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, {"model": "unknown"})


def test_a_calendar_shows_its_frames_as_times_of_day(client, lead):
    office = make.calendar(slug="office", always_open=False)
    CalendarFrame.objects.create(calendar=office, weekday=0, opens=570, closes=1440)
    CalendarException.objects.create(calendar=office, date="2026-12-24", reason="Party")
    body = client.get(f"{API}calendars/office/").json()
    assert body["frames"] == [{"weekday": 0, "opens": "09:30", "closes": "24:00"}]
    assert body["exceptions"] == [{"date": "2026-12-24", "opens": None, "closes": None, "reason": "Party"}]


def test_explain_tells_when_and_through_which_hours(client, lead):
    office = make.calendar(slug="office", always_open=False, zone="America/Bogota")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=office, weekday=weekday, opens=480, closes=720)
    # Wednesday 11:00 in Bogotá: one hour today, one tomorrow
    body = client.get(f"{API}calendars/office/explain/?start=2026-03-04T16:00:00Z&seconds=7200").json()
    assert body == {
        "start": "2026-03-04T16:00:00Z",
        "seconds": 7200,
        "due": "2026-03-05T14:00:00Z",
        "zone": "America/Bogota",
        "stretches": [
            {"start": "2026-03-04T16:00:00Z", "end": "2026-03-04T17:00:00Z", "seconds": 3600},
            {"start": "2026-03-05T13:00:00Z", "end": "2026-03-05T14:00:00Z", "seconds": 3600},
        ],
    }


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("", 400),
        ("start=2026-03-04T16:00:00&seconds=60", 400),
        ("start=2026-13-04T16:00:00Z&seconds=60", 400),
        ("start=9999-12-31T23:59:59Z&seconds=60", 400),
        ("start=2026-03-04T16:00:00Z&seconds=-1", 400),
        ("start=2026-03-04T16:00:00Z&seconds=99999999999", 400),
        ("start=2026-03-04T16:00:00Z&seconds=60", 409),
    ],
)
def test_explain_refuses_with_a_reason(client, lead, asked, status):
    make.calendar(slug="never", always_open=False)
    answer = client.get(f"{API}calendars/never/explain/?{asked}")
    assert answer.status_code == status
    assert answer.json()["error"]["message"] != ""


def test_lists_filter_and_count(client, lead):
    make.service(slug="a", kind="batch", tier=1)
    make.service(slug="b", kind="online", tier=1, environment="staging")
    assert slugs(client.get(f"{API}services/?kind=batch")) == ["a"]
    assert slugs(client.get(f"{API}services/?environment=staging")) == ["b"]
    assert client.get(f"{API}services/?count=true&search=a").json()["count"] == 1
    assert client.get(f"{API}services/?tier=9").status_code == 400


def test_three_services_cost_what_one_costs(client, lead, django_assert_max_num_queries):
    for _ in range(3):
        make.service(client=make.client_()).parties.add(make.team("partner"))
    make.agreement(), make.calendar(always_open=False)
    for where in ("services", "agreements", "calendars", "clients", "model-versions"):
        client.get(f"{API}{where}/")
        with django_assert_max_num_queries(6):
            client.get(f"{API}{where}/")
