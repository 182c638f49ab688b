"""Pages of objectives, planned work and uptime: who sees what, what they say."""

from datetime import timedelta
from fractions import Fraction

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from core import clock
from core.types import SYSTEM
from services.domain import maintenance, objectives
from services.health import truths
from services.models import ImpactWindow, IndicatorBucket, MaintenanceWindow, Objective
from services.queries.objective_page import percent, rows, whole
from services.queries.objectives import standings
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def lead(client):
    person = make.user("lead", site=make.site(zone="Africa/Nairobi"))
    client.force_login(person)
    return person


def text(response) -> str:
    return response.content.decode()


def spent(permille: int, **fields) -> Objective:
    """An objective of which so much of the budget is spent, as the tick would have written it down."""
    now = clock.now()
    each = make.objective(now=now, **fields)
    make.bucket(each, now - DAY, 1_000_000 - permille, 1_000_000)
    objectives.remember(standings([each], now), now=now)
    return each


def test_the_worst_comes_first_and_what_is_switched_off_is_left_out(client, lead):
    spent(100, name="Calm"), spent(1200, name="Gone"), spent(800, name="Close")
    make.objective(name="Unknown", now=clock.now())
    spent(900, name="Off", is_active=False)
    page = client.get("/services/objectives/")
    assert [row.objective.name for row in page.context["rows"]] == ["Gone", "Close", "Calm", "Unknown"]
    assert [row.word for row in page.context["rows"]] == ["Exhausted", "At risk", "Healthy", "No data"]
    shown = client.get("/services/objectives/?state=at_risk")
    assert [row.objective.name for row in shown.context["rows"]] == ["Close"]
    assert "Off" in text(client.get("/services/objectives/?active=false"))


def test_words_of_a_budget():
    each = make.objective()
    make.bucket(each, NOW - DAY, 99_930, 100_000)
    (row,) = rows([each], NOW, "UTC")
    assert (row.agreed, row.kept, row.left, row.rest) == (
        "99.9 %",
        "99.93 %",
        "30 %",
        "30 of 100 requests left",
    )
    assert (row.bar.used, row.bar.tick) == ("70.0%", "")


@pytest.mark.parametrize(
    ("part", "said"), [("0.999999", "99.99 %"), ("1", "100 %"), ("0.99899", "99.89 %"), ("0", "0.00 %")]
)
def test_what_fell_short_never_looks_kept(part, said):
    assert percent(Fraction(part), 2) == said


def test_the_chart_of_an_overspent_budget_goes_below_nothing():
    each = make.objective()
    make.bucket(each, NOW - 20 * DAY, 9_985, 10_000)
    chart = whole(each, NOW, "UTC").chart
    assert (chart.said, chart.is_over) == ("overspent", True)
    nothing = next(y for y, words in chart.grid if words == "0")
    assert nothing < chart.dot_y <= 104


def test_a_page_costs_the_same_for_a_month_of_counts(client, lead):
    each = make.objective(now=clock.now())
    url = f"/services/objectives/{each.slug}/"
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).status_code == 200
    start = clock.now().replace(minute=0, second=0, microsecond=0)
    IndicatorBucket.objects.bulk_create(
        IndicatorBucket(objective=each, starts_at=start - n * 5 * MINUTE, good=9, total=10)
        for n in range(300)
    )
    with CaptureQueriesContext(connection) as many:
        page = client.get(url)
    assert len(many) <= len(few) <= 20
    assert "The error budget is gone." in text(page)


def test_a_client_reads_its_own_objectives_and_no_owner(client):
    alice = make.user("stakeholder")
    service = make.service(client=make.client_((alice,)))
    mine = make.objective(service, name="Mine", owner=make.user(name="Oscar Owner"), now=clock.now())
    other = make.objective(name="Another", now=clock.now())
    client.force_login(alice)
    page = text(client.get("/services/objectives/"))
    assert "Mine" in page and "Another" not in page
    assert "Oscar" not in text(client.get(f"/services/objectives/{mine.slug}/"))
    assert client.get(f"/services/objectives/{other.slug}/").status_code == 404
    assert client.get(f"/api/v1/objectives/{mine.slug}/").json()["owner"] is None


def test_a_service_named_like_a_page_does_not_hide_it(client, lead):
    make.service(slug="objectives")
    assert "Error budgets" in text(client.get("/services/objectives/"))


class TestPlannedWork:
    def test_it_is_planned_by_the_readers_clock(self, client, lead):
        service = make.service()
        form = {
            "title": "New disks",
            "services": [service.slug],
            "starts_at": "2030-03-04T10:00",
            "ends_at": "2030-03-04T12:00",
            "announced": "on",
        }
        assert client.post("/services/maintenance/", form).status_code == 302
        window = MaintenanceWindow.objects.get()
        assert window.starts_at.isoformat() == "2030-03-04T07:00:00+00:00"
        assert (list(window.services.all()), window.announced, window.created_by) == ([service], True, lead)
        assert AuditEntry.objects.filter(action="maintenance.plan").exists()
        assert "New disks" in text(client.get(f"/services/{service.slug}/objectives/"))

    def test_what_makes_no_sense_is_said_at_its_field(self, client, lead):
        hours = {"starts_at": "2030-03-04T10:00", "ends_at": "2030-03-04T09:00"}
        form = {"title": "x", "services": [make.service().slug], **hours}
        page = client.post("/services/maintenance/", form)
        assert page.status_code == 400
        assert "The end lies after the beginning." in text(page)

    def test_it_is_cancelled_and_says_so(self, client, lead):
        now = clock.now()
        window = maintenance.plan(
            [make.service()],
            title="Move",
            starts_at=now + HOUR,
            ends_at=now + 2 * HOUR,
            actor=SYSTEM,
            now=now,
        )
        assert client.post(f"/services/maintenance/{window.pk}/cancel/").status_code == 302
        assert "Cancelled" in text(client.get("/services/maintenance/"))

    def test_while_it_is_under_way_the_service_says_so(self, client, lead):
        now, service, other = clock.now(), make.service(), make.service()
        maintenance.plan(
            [service], title="Move", starts_at=now - HOUR, ends_at=now + HOUR, actor=SYSTEM, now=now
        )
        told = truths([service.pk, other.pk])
        assert (told[service.pk].tone, told[service.pk].word, told[other.pk].tone) == (
            "none",
            "Planned work",
            "ok",
        )
        assert "Planned work" in text(client.get("/services/"))
        assert "Planned work is under way: Move." in text(client.get(f"/services/{service.slug}/objectives/"))

    def test_an_incident_is_worse_than_planned_work(self):
        now, service = clock.now(), make.service()
        maintenance.plan(
            [service], title="Move", starts_at=now - HOUR, ends_at=now + HOUR, actor=SYSTEM, now=now
        )
        make.incident(service=service, now=now)
        assert truths([service.pk])[service.pk].tone == "bad"

    def test_a_client_sees_only_its_own_services_in_it(self, client):
        alice, now = make.user("stakeholder"), clock.now()
        mine, other = make.service(client=make.client_((alice,)), name="Mine"), make.service(name="Another")
        maintenance.plan(
            [mine, other], title="Move", starts_at=now + HOUR, ends_at=now + 2 * HOUR, actor=SYSTEM, now=now
        )
        client.force_login(alice)
        page = text(client.get("/services/maintenance/"))
        assert "Mine" in page and "Another" not in page and "Plan it" not in page
        (row,) = client.get("/api/v1/maintenance-windows/").json()["results"]
        assert (row["services"], row["created_by"]) == ([mine.slug], None)


class TestUptime:
    def test_a_month_and_the_two_before_it(self, client, lead):
        service = make.service(client=make.client_(name="Acme"))
        ImpactWindow.objects.create(service=service, starts_at=NOW, ends_at=NOW + HOUR, effect="down")
        page = client.get("/services/uptime/?month=2026-03")
        (block,) = page.context["blocks"]
        assert block.client.name == "Acme"
        assert (block.rows[0].kept[1:], block.rows[0].lost) == (("100 %", "100 %"), "1 h")
        assert block.rows[0].kept[0] == "99.865 %"

    @pytest.mark.parametrize("query", ["?month=2026-13", "?month=x", "?month=1890-01", "?client=%00"])
    def test_a_month_that_is_none_is_refused(self, client, lead, query):
        assert client.get(f"/services/uptime/{query}").status_code == 400

    def test_a_month_to_come_is_this_one(self, client, lead):
        assert client.get("/services/uptime/?month=2149-01").status_code == 200

    def test_it_costs_the_same_for_many_services(self, client, lead):
        acme = make.client_()
        make.service(client=acme)
        client.get("/services/uptime/")
        with CaptureQueriesContext(connection) as few:
            client.get("/services/uptime/")
        for _ in range(3):
            make.service(client=acme)
        with CaptureQueriesContext(connection) as many:
            client.get("/services/uptime/")
        assert len(many) == len(few)


class TestOpenSLO:
    def test_taken_away_looked_at_and_taken_over(self, client, lead):
        each = make.objective(name="Kept", now=clock.now())
        answer = client.get(f"/services/objectives/{each.slug}/openslo/")
        assert answer["Content-Disposition"] == f'attachment; filename="{each.slug}.yaml"'
        documents = list(yaml.safe_load_all(text(answer)))
        assert [one["kind"] for one in documents] == ["Service", "SLO"]
        changed = text(answer).replace(each.slug, "another-one").replace("Kept", "Other")
        look = client.post("/services/openslo/", {"file": SimpleUploadedFile("a.yaml", changed.encode())})
        assert [step.what for step in look.context["steps"]] == ["make"]
        assert Objective.objects.count() == 1
        assert client.post("/services/openslo/", {"text": changed, "do": "apply"}).status_code == 302
        assert Objective.objects.get(slug="another-one").name == "Other"

    @pytest.mark.parametrize("given", ["", "kind: [", "a: 1", "\x00"])
    def test_what_can_not_be_read_is_said_in_place(self, client, lead, given):
        page = client.post("/services/openslo/", {"text": given})
        assert page.status_code == 400
        assert "OpenSLO" in text(page)
