"""A service that no policy calls for: somebody hears of its incidents all the same."""

from datetime import timedelta

import pytest

from core.types import person
from incidents.domain import lifecycle
from notifications.models import Message
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str, str]]:
    """(who, how urgent, subject) of each event, in order."""
    rows = Message.objects.filter(kind="incident.page").order_by("pk").select_related("recipient")
    return list(dict.fromkeys((row.recipient.name, row.urgency, row.subject) for row in rows))


def says(incident) -> list[str]:
    return list(incident.entries.filter(kind="call").order_by("pk").values_list("text", flat=True))


def test_the_lead_of_the_owning_team_hears_of_it():
    make.user("lead", name="Lindiwe")
    service = make.service(owning_team=make.team(lead=make.user(name="Bikash")))

    incident = make.incident(service=service, severity="SEV2", severity_reason="known")

    subject = f"SEV2 {incident.ref}: no escalation policy: nobody was called ({incident.title})"
    assert told() == [("Bikash", "urgent", subject)]
    assert says(incident) == [
        "No escalation policy: nobody was called.",
        "Told Bikash, lead of the owning team.",
    ]


def test_without_an_active_one_every_lead_and_administrator_does():
    make.user("lead", name="Lindiwe"), make.user("administrator", name="Ada")
    gone = make.user(name="Bikash", is_active=False)
    make.policy(make.user(), is_active=False)

    incident = make.incident(service=make.service(owning_team=make.team(lead=gone)))

    assert sorted(who for who, _, _ in told()) == ["Ada", "Lindiwe"]
    assert says(incident)[-1] == "Told the leads and administrators: Ada, Lindiwe."


def test_nobody_is_woken_for_a_small_one():
    make.user("lead", name="Lindiwe")
    make.incident(impact="low", urgency="low")
    assert [(who, urgency) for who, urgency, _ in told()] == [("Lindiwe", "ordinary")]


def test_acknowledging_calls_it_back_and_a_reopening_tells_again():
    lead = make.user("lead", name="Lindiwe")
    incident = make.incident()
    lifecycle.resolve(incident, actor=person(lead), now=NOW + timedelta(minutes=5))
    assert set(
        Message.objects.filter(kind="incident.page").exclude(channel="in_app").values_list("state", flat=True)
    ) == {"cancelled"}

    incident.refresh_from_db()
    lifecycle.reopen(incident, actor=person(lead), now=NOW + timedelta(hours=1))

    assert len(told()) == 1
    assert Message.objects.filter(kind="incident.page", channel="in_app").count() == 2
