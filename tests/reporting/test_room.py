"""The operations room: what it shows, to whom, and at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from core import clock
from core.types import person
from incidents.domain import lifecycle
from incidents.queries.counts import counts
from reporting.queries import room
from rotas.models import Call, EscalationRun
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def browse(user):
    browser = Browser()
    browser.force_login(user)
    return browser


def opened(severity, **fields):
    return make.incident(impact="", urgency="", severity=severity, **fields)


def test_strangers_are_shown_to_the_door():
    assert Browser().get("/").status_code == 302


def test_open_incidents_stand_worst_first_and_older_first():
    alice = make.user()
    late, early = opened("SEV2", now=NOW), opened("SEV2", now=NOW - MINUTE)
    worst = opened("SEV1", now=NOW)
    over = opened("SEV1", now=NOW - MINUTE)
    lifecycle.resolve(over, actor=person(alice), now=NOW)

    assert [incident.pk for incident in room.open_incidents(alice)] == [worst.pk, early.pk, late.pk]


def test_figures_count_what_is_open_unacknowledged_and_due():
    alice = make.user()
    opened("SEV1", now=NOW)
    taken = opened("SEV3", now=NOW)
    lifecycle.acknowledge(taken, actor=person(alice), now=NOW)

    found = room.figures(counts(alice, NOW), None)

    assert found.by_severity == {"SEV1": 1, "SEV2": 0, "SEV3": 1, "SEV4": 0}
    assert (found.unacknowledged, found.due_soon) == (1, 1)


def test_pages_are_counted_for_a_day_beside_the_day_before():
    alice = make.user()
    run = EscalationRun.objects.create(
        subject_kind="incident",
        subject_id=1,
        policy_name="P",
        terms={},
        state="stopped",
        started_at=NOW,
        ended_at=NOW,
    )
    for step, (hours, outcome) in enumerate([(1, "called"), (23, "fallback"), (2, "nobody"), (25, "called")]):
        Call.objects.create(
            run=run, round=0, step=step, user=alice, outcome=outcome, at=NOW - timedelta(hours=hours)
        )

    assert [room.calls(NOW - (ago + 1) * room.DAY, NOW - ago * room.DAY).count() for ago in (0, 1)] == [2, 1]


def test_a_tile_says_the_worst_open_truth_of_its_service():
    alice = make.user()
    service, calm = make.service(slug="a-broken"), make.service(slug="b-calm")
    opened("SEV3", service=service, title="Small drift", now=NOW - MINUTE)
    opened("SEV1", service=service, title="All scores null", now=NOW)

    found = room.tiles(alice, NOW)

    assert [(tile.slug, tile.tone, tile.sentence) for tile in found] == [
        ("a-broken", "bad", "All scores null"),
        (calm.slug, "ok", "quiet for 30 days"),
    ]
    assert found[0].days == (0,) * 29 + (2,)


def test_promises_stand_by_due_time_and_paused_ones_after_them():
    alice = make.user()
    waiting = opened("SEV1", now=NOW)
    lifecycle.acknowledge(waiting, actor=person(alice), now=NOW + MINUTE)
    lifecycle.hold(waiting, actor=person(alice), now=NOW + 2 * MINUTE, party="client", reason="An export")
    running = opened("SEV2", now=NOW)

    found = room.promises(alice, NOW + 5 * MINUTE, "UTC")

    assert [(promise.subject, promise.bar.name) for promise in found] == [
        (running.ref, "Acknowledge"),
        (running.ref, "Resolve"),
        (f"{waiting.ref} · waits for Client", "Resolve"),
    ]


def test_a_client_sees_their_room_without_calls_and_without_others():
    charlie = make.user(role="stakeholder")
    mine = make.service(client=make.client_(members=(charlie,)))
    theirs = make.service(client=make.client_())
    now = clock.now()
    opened("SEV2", service=mine, title="Mine is slow", now=now)
    opened("SEV1", service=theirs, title="Theirs is down", now=now)
    assert "Theirs is down" in browse(make.user()).get("/").content.decode()

    answer = browse(charlie).get("/")
    page = answer.content.decode()

    assert "Mine is slow" in page
    assert "Theirs is down" not in page
    assert theirs.slug not in page
    assert "paged in the last 24 h" not in page
    assert answer.context["shifts"] == []
    assert len(answer.context["promises"]) == 2


def test_a_poll_is_answered_by_the_region_alone():
    make.incident(now=clock.now())

    page = browse(make.user()).get("/", headers={"X-Live": "1"}).content.decode().strip()

    assert page.startswith('<div class="ms-page room" id="room" data-live="/" data-fresh>')
    assert "<html" not in page


def test_three_incidents_cost_as_many_questions_as_one():
    alice = make.user()
    browser = browse(alice)

    def questions():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert browser.get("/").status_code == 200
        return len(found)

    make.incident(now=clock.now())
    questions()
    one = questions()
    make.incident(now=clock.now())
    make.incident(now=clock.now())

    assert questions() == one


def test_the_region_itself_asks_at_most_twelve_questions():
    browser = browse(make.user())
    for _ in range(3):
        make.incident(now=clock.now())
    browser.get("/", headers={"X-Live": "1"})  # how the engines are is remembered for some seconds

    with CaptureQueriesContext(connection) as found:
        browser.get("/", headers={"X-Live": "1"})

    assert len(found) <= 12


def test_every_engine_that_stands_still_is_named_to_support_and_to_nobody_else():
    support, outsider = browse(make.user()), browse(make.user(role="stakeholder"))

    named = [state.engine.name for state in support.get("/").context["late"]]

    assert named == ["intake", "incidents", "clocks", "escalation", "delivery", "cover", "burn", "heartbeat"]
    assert outsider.get("/").context["late"] == []
