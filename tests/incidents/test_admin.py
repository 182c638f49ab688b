"""What leads find of incidents in the admin."""

import pytest

from core import clock
from incidents.models import Incident, SeverityRule
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    person = make.user("lead")
    client.force_login(person)
    return person


@pytest.mark.parametrize("page", ["incident", "entry", "clock", "severityrule"])
def test_every_list_opens(client, lead, page):
    make.incident(now=clock.now())

    assert client.get(f"/admin/incidents/{page}/?q=incident").status_code == 200


def test_an_incident_is_read_not_changed(client, lead):
    incident = make.incident(now=clock.now())
    url = f"/admin/incidents/incident/{incident.pk}/change/"

    assert "Incident opened as SEV2" in client.get(url).content.decode()
    assert client.post(url, {"title": "Changed"}).status_code == 403
    assert Incident.objects.get().title == incident.title


def test_a_lead_edits_the_matrix(client, lead):
    rule, _made = SeverityRule.objects.update_or_create(
        impact="low", urgency="low", defaults={"severity": "SEV4"}
    )
    url = f"/admin/incidents/severityrule/{rule.pk}/change/"

    assert client.post(url, {"impact": "low", "urgency": "low", "severity": "SEV3"}).status_code == 302
    assert SeverityRule.objects.get(pk=rule.pk).severity == "SEV3"


def test_a_responder_has_no_admin(client):
    client.force_login(make.user())

    assert client.get("/admin/incidents/incident/").status_code in {302, 403}
