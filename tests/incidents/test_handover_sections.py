"""What incidents put into a hand-over, and how it goes through a night."""

import pytest

from core.types import SYSTEM, person
from incidents.domain import lifecycle, runbook
from incidents.models import IncidentAlert
from incidents.queries import handover as sections
from rotas.domain import covering, duty
from rotas.handover_sections import MOST, Scope
from rotas.models import Handover
from runbooks.models import Runbook, RunbookStep
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, MINUTE, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return make.service()


@pytest.fixture
def scope(service):
    made = rota(team=service.owning_team)
    return Scope(made, NOW - DAY, NOW, NOW + DAY, frozenset({service.pk}), (), ())


def opened(severity, service=None, **fields):
    return make.incident(
        impact="", urgency="", severity=severity, service=service or make.service(), **fields
    )


def sources(items) -> list[str]:
    return [each.source for each in items]


def test_open_ones_of_severity_1_to_3_and_all_of_the_teams_services_the_worst_first(scope, service):
    third, worst = opened("SEV3"), opened("SEV1")
    ours = opened("SEV4", service)
    opened("SEV4")
    over = opened("SEV1", service)
    lifecycle.resolve(over, actor=person(make.user()), now=NOW)
    found = sections.open_incidents(scope, NOW)
    assert sources(found) == [f"incident:{each.ref}" for each in (worst, third, ours)]


def test_one_says_its_state_owner_next_step_and_the_promise_due_within_8_hours(scope, service):
    owner = make.user(name="Amina")
    new = opened("SEV2", service, title="Slow")
    (item,) = sections.open_incidents(scope, NOW + 5 * MINUTE)
    assert (item.title, item.url, item.owner_id, item.next_action) == (
        f"SEV2 {new.ref} Slow",
        f"/incidents/{new.ref}/",
        None,
        "Acknowledge it",
    )
    assert item.due_at == NOW + 15 * MINUTE
    assert item.detail.startswith(f"Open, {service.slug}, open for 5 min. ")
    lifecycle.acknowledge(new, actor=person(owner), now=NOW + 6 * MINUTE)
    (item,) = sections.open_incidents(scope, NOW + 6 * MINUTE)
    assert (item.owner_id, item.next_action, item.due_at) == (owner.pk, "", NOW + 4 * HOUR)


def test_a_promise_further_away_is_not_the_next_shifts(scope, service):
    far = opened("SEV4", service)
    lifecycle.acknowledge(far, actor=person(make.user()), now=NOW)
    far.refresh_from_db()
    assert far.next_due_at is not None
    assert sections.open_incidents(scope, NOW)[0].due_at is None


def test_what_waits_for_others_stands_apart(scope, service):
    held = opened("SEV2", service)
    lifecycle.hold(held, actor=person(make.user()), now=NOW, party="client", reason="their logs")
    assert sections.open_incidents(scope, NOW) == []
    (item,) = sections.waiting_for_others(scope, NOW)
    assert (item.source, item.next_action) == (f"incident:{held.ref}", "Ask Client: their logs")


def test_alerts_that_fire_and_are_on_no_open_incident(scope, service):
    ours, unrouted = make.alert(service), make.alert(None)
    critical = make.alert(make.service(), severity="critical")
    make.alert(make.service())
    make.change(make.alert(service), "resolved")
    taken_up, open_again = make.alert(service), make.alert(service)
    incident = opened("SEV2", service)
    IncidentAlert.objects.create(incident=incident, alert=taken_up, linked_at=NOW)
    ended = opened("SEV2", service)
    IncidentAlert.objects.create(incident=ended, alert=open_again, linked_at=NOW)
    lifecycle.resolve(ended, actor=person(make.user()), now=NOW)
    found = sections.unclaimed_alerts(scope, NOW + 20 * MINUTE)
    assert sources(found) == [f"alert:{each.pk}" for each in (critical, ours, unrouted, open_again)]
    assert found[0].detail.endswith("fires for 20 min")
    assert "of no known service" in found[2].detail


def test_a_storm_is_not_read_whole(scope, service, django_assert_num_queries):
    integration = make.integration()
    for _ in range(MOST + 3):
        make.alert(service, integration=integration)
    with django_assert_num_queries(1):
        assert len(sections.unclaimed_alerts(scope, NOW)) == MOST + 1


def test_runbooks_with_steps_left(scope, service):
    book = Runbook.objects.create(slug="restart", title="Restart", created_at=NOW, updated_at=NOW)
    for position, text in enumerate(("Drain", "Restart"), start=1):
        RunbookStep.objects.create(runbook=book, position=position, text=text)
    owner = make.user()
    incident = opened("SEV2", service)
    lifecycle.acknowledge(incident, actor=person(owner), now=NOW)
    link = runbook.start(incident, book, actor=SYSTEM, now=NOW)
    runbook.tick(incident, link, 0, actor=SYSTEM, now=NOW)
    (item,) = sections.runbooks_begun(scope, NOW)
    assert (item.title, item.detail, item.next_action, item.owner_id) == (
        f"{book.ref} Restart, {incident.ref}",
        "1 of 2 steps are done",
        "Restart",
        owner.pk,
    )
    runbook.tick(incident, link, 1, actor=SYSTEM, now=NOW)
    assert sections.runbooks_begun(scope, NOW) == []


def test_each_section_asks_as_much_for_three_as_for_one(scope, service, django_assert_num_queries):
    book = Runbook.objects.create(slug="restart", title="Restart", created_at=NOW, updated_at=NOW)
    RunbookStep.objects.create(runbook=book, position=1, text="Drain")
    for _ in range(3):
        incident = opened("SEV2", service)
        runbook.start(incident, book, actor=SYSTEM, now=NOW)
        make.alert(service)
        for collect, queries in (
            (sections.open_incidents, 1),
            (sections.waiting_for_others, 1),
            (sections.unclaimed_alerts, 1),
            (sections.runbooks_begun, 2),
        ):
            with django_assert_num_queries(queries):
                collect(scope, NOW)


def test_through_a_night_what_is_open_is_carried_and_what_ended_is_not(service):
    amina, brian = make.user(name="Amina"), make.user(name="Brian")
    made = rota(amina, brian, team=service.owning_team)
    midnight = NOW.replace(hour=0) + DAY
    stays, ends = opened("SEV2", service, title="Stays"), opened("SEV3", service, title="Ends")
    covering.tick(NOW)
    duty.tick(midnight)
    lifecycle.resolve(ends, actor=person(brian), now=midnight + HOUR)
    duty.tick(midnight + DAY)
    first, second = Handover.objects.filter(rota=made).order_by("at")
    assert sources(first.items.all()) == [f"incident:{stays.ref}", f"incident:{ends.ref}"]
    assert [(each.source, each.carried) for each in second.items.all()] == [(f"incident:{stays.ref}", 1)]
