"""“Not recorded” is what history from elsewhere says of its end; nobody who ends an incident may say it."""

import pytest
from django.urls import reverse

from accounts.domain.tokens import issue
from core.errors import Invalid
from core.types import person
from incidents.choices import Resolution
from incidents.domain import lifecycle
from incidents.forms import ResolveForm
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
SAYABLE = ["fixed", "workaround", "no_fault", "duplicate", "self_healed"]


def test_the_verb_refuses_it():
    incident = make.incident()
    with pytest.raises(Invalid) as refused:
        lifecycle.resolve(incident, actor=person(make.user()), now=NOW, resolution=Resolution.NOT_RECORDED)
    assert refused.value.fields == {"resolution": "one of " + ", ".join(SAYABLE)}
    incident.refresh_from_db()
    assert incident.state == "new"


def test_the_portal_does_not_offer_it_and_refuses_it(client):
    assert [value for value, _label in ResolveForm().fields["resolution"].choices] == SAYABLE
    client.force_login(make.user(site=make.site()))
    incident = make.incident()
    client.post(reverse("incidents:act", args=[incident.ref, "resolve"]), {"resolution": "not_recorded"})
    incident.refresh_from_db()
    assert (incident.state, incident.resolution) == ("new", "")


def test_the_api_refuses_it(client):
    _token, plain = issue(make.user(), "script", ["read", "write"], None, NOW)
    incident = make.incident()
    answer = client.post(
        f"/api/v1/incidents/{incident.ref}/resolve/",
        {"resolution": "not_recorded"},
        content_type="application/json",
        headers={"authorization": f"Token {plain}"},
    )
    incident.refresh_from_db()
    assert (answer.status_code, incident.state) == (400, "new")


def test_it_has_a_label_where_history_shows_it():
    assert Resolution.NOT_RECORDED.label == "Not recorded"
