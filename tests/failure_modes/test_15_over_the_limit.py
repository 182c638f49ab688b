"""Above its limit a sender is turned away, and what it had to say in that minute is lost.

An answer of 429 is final for many tools: they don't send it again, or only hours later. The one alert that
mattered may have been in the part that was refused, and nobody sees that something was.
"""

import json
from datetime import timedelta

import pytest

from core import clock
from incidents.domain import intake
from incidents.models import Incident
from monitoring.domain.intake import tick
from monitoring.domain.integrations import intake_url
from monitoring.models import Alert, AlertOccurrence, RawDelivery
from monitoring.queries.storms import intake_figures
from tests import make as things
from tests.monitoring import make

pytestmark = pytest.mark.django_db
RATE, SENT = 10, 60


@pytest.fixture
def door():
    things.service(slug="fraud-scoring")
    made = make.integration("generic")
    made.rate = RATE
    made.save()
    return made


@pytest.fixture
def still(monkeypatch):
    """A moment in which all of it happens, whatever this machine is busy with."""
    moment = things.NOW + timedelta(seconds=30)
    monkeypatch.setattr(clock, "in_sql", lambda: f"timestamptz '{moment.isoformat()}'")
    return moment


def send(client, door, name, *, at):
    body = json.dumps({"id": name, "title": name, "severity": "critical", "service": "fraud-scoring"})
    answer = client.generic("POST", "/" + intake_url(door).split("/", 3)[3], body, "application/json")
    tick(at)
    return answer


def test_everything_is_stored_answered_folded_and_told_and_the_sender_hears_of_it(client, door, still):
    answers = [send(client, door, f"node-{n}", at=still) for n in range(SENT)]

    assert {answer.status_code for answer in answers} == {202}
    told = [answer.json().get("coalesced", False) for answer in answers]
    assert told == [False] * (RATE + 1) + [True] * (SENT - RATE - 1)
    assert RawDelivery.objects.filter(state="done").count() == SENT
    assert Alert.objects.filter(status="firing", count=1).count() == SENT
    assert sum(AlertOccurrence.objects.values_list("count", flat=True)) == SENT
    while intake.tick(still):
        pass
    assert Incident.objects.get().alert_links.count() == SENT


def test_counters_show_it_on_the_page_the_api_and_to_metrics(client, door, still):
    for n in range(SENT):
        send(client, door, f"node-{n}", at=still)
    client.force_login(things.user("lead"))

    ((_, load),) = intake_figures(still).integrations
    assert (load.minute, load.coalesced, load.peak, load.is_storm) == (SENT, SENT - RATE, SENT, True)
    told = client.get(f"/api/v1/integrations/{door.pk}/").json()["load"]
    assert (told["minute"], told["hour"], told["coalesced"], told["peak"]) == (SENT, SENT, SENT - RATE, SENT)
    page = client.get("/alerts/integrations/").content.decode()
    assert "Storm</span>" in page
    assert f"{SENT - RATE} coalesced" in page


def test_a_lead_sets_the_rate_and_a_wrong_one_is_refused_in_words(client, door):
    client.force_login(things.user("lead"))

    client.post(f"/alerts/integrations/{door.pk}/rate/", {"rate": "500"})
    door.refresh_from_db()
    assert door.rate == 500

    for wrong in ("0", "-5", "many", "", "10000000"):
        client.post(f"/alerts/integrations/{door.pk}/rate/", {"rate": wrong})
    door.refresh_from_db()
    assert door.rate == 500
    answer = client.patch(
        f"/api/v1/integrations/{door.pk}/", json.dumps({"rate": 0}), content_type="application/json"
    )
    assert answer.status_code == 400
