"""Objectives, samples, impact, planned work and uptime by the API."""

from datetime import timedelta

import pytest

from core import clock
from services.models import IndicatorBucket, Objective
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
JSON = "application/json"
HOUR = timedelta(hours=1)


@pytest.fixture
def lead(client):
    person = make.user("lead")
    client.force_login(person)
    return person


def post(client, path, body, **headers):
    return client.post(f"/api/v1/{path}", body, JSON, headers=headers)


def test_a_lead_makes_one_and_edits_it(client, lead):
    service = make.service()
    model = make.model(service)
    body = {
        "slug": "answers-fast",
        "name": "Answers within 300 ms",
        "service": service.slug,
        "model": model.name,
        "indicator": "samples",
        "unit": "ms",
        "direction": "at_most",
        "threshold": 300,
        "target": "99.5",
        "window": "calendar_month",
        "zone": "Asia/Kathmandu",
    }
    made = post(client, "objectives/", body)
    assert (made.status_code, made.json()["state"], made.json()["model"]) == (201, "no_data", model.name)
    path = "/api/v1/objectives/answers-fast/"
    tag = client.get(path)["ETag"]
    edited = client.patch(path, {"target": "99"}, JSON, headers={"If-Match": tag})
    assert (edited.status_code, edited.json()["target"]) == (200, "99.000")
    late = client.patch(path, {"target": "98"}, JSON, headers={"If-Match": tag})
    assert (late.status_code, "changes" in late.json()["error"]) == (412, True)
    fixed = client.patch(path, {"indicator": "events"}, JSON)
    assert (fixed.status_code, list(fixed.json()["error"]["fields"])) == (400, ["indicator"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"target": "100"}, "target"),
        ({"target": "many"}, "target"),
        ({"slug": "Bad Slug"}, "slug"),
        ({"slug": "openslo"}, "slug"),
        ({"zone": "Nowhere"}, "zone"),
        ({"service": "none"}, "service"),
        ({"model": "none"}, "model"),
        ({"indicator": "samples"}, "threshold"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(client, lead, change, field):
    body = {"slug": "a", "name": "A", "service": make.service().slug, "target": "99.9", **change}
    answer = post(client, "objectives/", body)
    assert (answer.status_code, field in answer.json()["error"]["fields"]) == (400, True)
    assert not Objective.objects.exists()


def test_a_slug_that_is_taken_is_refused(client, lead):
    each = make.objective()
    body = {"slug": each.slug, "name": "A", "service": each.service.slug, "target": "99.9"}
    assert post(client, "objectives/", body).json()["error"]["fields"] == {"slug": "taken"}


def test_samples_are_posted_and_a_repeated_post_counts_once(client):
    client.force_login(make.user())
    each, now = make.objective(), clock.now()
    body = {"samples": [{"at": now.isoformat(), "good": 9, "total": 10}]}
    path = f"objectives/{each.slug}/samples/"
    first = post(client, path, body, **{"Idempotency-Key": "one"})
    again = post(client, path, body, **{"Idempotency-Key": "one"})
    assert (first.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert first.json() == {"samples": 1, "buckets": 1, "good": 9, "total": 10}
    assert IndicatorBucket.objects.get().total == 10
    post(client, path, body, **{"Idempotency-Key": "two"})
    assert IndicatorBucket.objects.get().total == 20


@pytest.mark.parametrize(
    "samples",
    [
        None,
        [],
        "many",
        [{}],
        [{"at": "yesterday"}],
        [{"at": "2020-01-01T00:00:00Z", "good": 1, "total": 1}],
        [{"at": "0001-01-01T00:00:00+14:00", "good": 1, "total": 1}],
        [{"at": "9999-12-31T23:59:59-14:00", "good": 1, "total": 1}],
        [{"good": 1, "total": 10**30}],
        [{"at": "2020-01-01T00:00:00Z", "value": 1}],
        [{"at": "2020-01-01T00:00:00Z", "good": 1, "total": 1}] * 1001,
    ],
)
def test_hostile_samples_are_refused_in_the_one_shape(client, lead, samples):
    answer = post(client, f"objectives/{make.objective().slug}/samples/", {"samples": samples})
    assert answer.status_code == 400
    assert {"code", "message", "fields"} <= set(answer.json()["error"])
    assert not IndicatorBucket.objects.exists()


def test_how_it_stands(client, lead):
    now = clock.now()
    each = make.objective(now=now)
    make.bucket(each, now - 2 * HOUR, 9_995, 10_000)
    told = client.get(f"/api/v1/objectives/{each.slug}/standing/").json()
    assert {name: told[name] for name in ("state", "unit", "total", "bad", "budget", "left", "spent_percent")} == {
        "state": "healthy", "unit": "events", "total": 10_000, "bad": 5, "budget": 10, "left": 5, "spent_percent": 50,
    }  # fmt: skip
    assert told["kept_percent"] == pytest.approx(99.95)
    assert told["course"][-1]["left_percent"] == 50
    assert [(rung["name"], rung["firing"]) for rung in told["rungs"]] == [
        ("1h", False), ("6h", False), ("1d", False), ("3d", False),
    ]  # fmt: skip


def test_openslo_is_looked_at_then_done(client, lead):
    each = make.objective()
    documents = client.get(f"/api/v1/objectives/{each.slug}/openslo/").content.decode()
    body = {"documents": documents.replace(each.slug, "another")}
    look = post(client, "objectives/openslo/", body)
    assert (look.status_code, look.json()["applied"], look.json()["steps"][0]["what"]) == (200, False, "make")
    assert Objective.objects.count() == 1
    done = post(client, "objectives/openslo/", {**body, "apply": True})
    assert done.json()["applied"] is True
    assert Objective.objects.filter(slug="another").exists()
    bad = post(client, "objectives/openslo/", {"documents": "kind: SLO"})
    assert bad.json()["error"]["fields"] == {"documents[0].apiVersion": "Only openslo/v1 is read."}


def test_impact_is_read_and_filtered(client, lead):
    service = make.service()
    make.impact(service, 10, incident_ref="INC-7"), make.impact(service, 20, share=50, ends_at=None)
    rows = client.get(f"/api/v1/impact-windows/?service={service.slug}").json()["results"]
    assert [(row["effect"], row["share"], row["incident"]) for row in rows] == [
        ("down", "100.00", "INC-7"), ("degraded", "50.00", ""),
    ]  # fmt: skip
    assert len(client.get("/api/v1/impact-windows/?open=true").json()["results"]) == 1
    assert len(client.get("/api/v1/impact-windows/?incident=inc-7").json()["results"]) == 1


def test_work_is_planned_and_cancelled_once(client):
    client.force_login(make.user())
    now, service = clock.now(), make.service()
    body = {
        "title": "Disks",
        "services": [service.slug],
        "starts_at": (now + HOUR).isoformat(),
        "ends_at": (now + 2 * HOUR).isoformat(),
    }
    made = post(client, "maintenance-windows/", body)
    assert (made.status_code, made.json()["services"], made.json()["announced"]) == (
        201,
        [service.slug],
        False,
    )
    path = f"maintenance-windows/{made.json()['id']}/"
    assert post(client, f"{path}announce/", {}).json()["announced"] is True
    first, again = (post(client, f"{path}cancel/", {}).json()["cancelled_at"] for _ in range(2))
    assert first == again is not None
    assert post(client, f"{path}announce/", {}).status_code == 200  # it was, before
    unknown = post(client, "maintenance-windows/", {**body, "services": ["none"]})
    assert (unknown.status_code, "services" in unknown.json()["error"]["fields"]) == (400, True)


def test_uptime_of_a_service_and_of_its_client(client, lead):
    acme = make.client_()
    service = make.service(client=acme)
    make.service(client=acme)
    make.impact(service, 28 * 24 * 6, now=NOW - timedelta(days=10))
    one = client.get(f"/api/v1/services/{service.slug}/uptime/?month=2026-02").json()
    assert (one["month"], one["failed_seconds"], len(one["impact"])) == ("2026-02", 28 * 24 * 360, 1)
    assert one["uptime_percent"] == pytest.approx(90)
    both = client.get(f"/api/v1/clients/{acme.slug}/uptime/?month=2026-02&exclude_maintenance=false").json()
    assert both["uptime_percent"] == pytest.approx(95)
    assert client.get(f"/api/v1/services/{service.slug}/uptime/?month=x").status_code == 400
    assert client.get(f"/api/v1/clients/{acme.slug}/uptime/?exclude_maintenance=x").status_code == 400
