"""The panel of alerts on a service's page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import make

pytestmark = pytest.mark.django_db
PANEL = "/alerts/for/scorer/"


def test_it_shows_the_alerts_of_this_service_only(client):
    client.force_login(make.user())
    make.alert(make.service(slug="scorer"), title="Scores are stuck")
    make.alert(make.service(slug="other"), title="Somebody else's")
    seen = client.get(PANEL).content.decode()
    assert ("Scores are stuck" in seen, "Somebody else" in seen) == (True, False)


def test_a_stakeholder_of_another_client_finds_nothing(client):
    alice, bob = make.user("stakeholder"), make.user("stakeholder")
    make.alert(make.service(slug="scorer", client=make.client_(members=(alice,))), title="Scores are stuck")
    make.client_(members=(bob,))
    client.force_login(alice)
    assert "Scores are stuck" in client.get(PANEL).content.decode()
    client.force_login(bob)
    assert client.get(PANEL).status_code == 404


def test_a_quiet_service_says_so(client):
    client.force_login(make.user())
    make.service(slug="scorer")
    assert "No alert has named scorer so far." in client.get(PANEL).content.decode()


def test_three_alerts_cost_what_one_costs(client):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PANEL).status_code == 200
        return len(seen)

    client.force_login(make.user())
    service = make.service(slug="scorer", client=make.client_())
    make.alert(service)
    client.get(PANEL)
    one = cost()
    make.alert(service), make.alert(service)
    assert cost() == one
