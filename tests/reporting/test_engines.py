"""The engines: one truth for page, API, figures and probes; who may look; what is said of what is late."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from accounts.models import AuditEntry
from core import clock, meter, nudge, watch
from core.engines import ENGINES
from core.models import EngineTick
from incidents.domain import intake as incident_intake
from incidents.models import Clock
from monitoring.domain.deliveries import receive
from monitoring.domain.intake import tick as read_posts
from monitoring.queries import waiting as intake_waiting
from notifications.models import Message
from notifications.queries import waiting as delivery_waiting
from reporting.queries.engines import engines
from rotas.models import EscalationRun
from rotas.queries import waiting as escalation_waiting
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ORDER = ["intake", "incidents", "clocks", "escalation", "delivery", "cover", "burn", "heartbeat"]


@pytest.fixture(autouse=True)
def nothing_counted():
    meter.forget()


def browse(role):
    browser = Browser()
    browser.force_login(make.user(role))
    return browser


def tick_all(now, *, besides=""):
    for name in set(ENGINES) - {besides}:
        EngineTick.objects.update_or_create(
            name=name, defaults={"started_at": now, "finished_at": now, "worked": 0, "error": ""}
        )


def message(**fields):
    values = {
        "recipient": make.user(),
        "channel": "email",
        "kind": "incident.page",
        "subject": "Wake up",
        "dedup_key": str(Message.objects.count()),
        "created_at": NOW - MINUTE,
        **fields,
    }
    return Message.objects.create(**values)


def post(body, **fields):
    return receive(
        fields.pop("integration", None) or make.integration(),
        body,
        headers={},
        delivery_id="",
        address=None,
        now=NOW,
    )


def test_every_engine_but_none_else_stands_in_the_order_of_the_work():
    tick_all(NOW)

    assert [row.state.engine.name for row in engines(NOW).rows] == ORDER


def test_all_well_when_all_tick_and_nothing_waits():
    tick_all(NOW)

    assert engines(NOW).all_well
    assert engines(NOW).late == []


def test_an_engine_that_does_not_tick_is_late_since_its_last_beat():
    tick_all(NOW)
    tick_all(NOW + MINUTE, besides="escalation")

    (late,) = engines(NOW + MINUTE).late

    assert (late.engine.name, late.since, late.words) == ("escalation", NOW, "It has not run for 1 min.")


def test_an_engine_that_ticks_but_leaves_its_rows_is_late_since_they_were_due():
    Clock.objects.filter(incident=make.incident(now=NOW)).update(next_at=NOW)
    later = NOW + 6 * MINUTE
    tick_all(later)

    late = {state.engine.name: state for state in engines(later).late}

    assert late["clocks"].since == NOW
    assert late["clocks"].words == "It runs, but something has been due for 6 min."


def test_posts_wait_until_they_are_read_and_parked_ones_are_stuck():
    post(b"not json")
    assert intake_waiting.waiting(NOW).due == 1
    assert intake_waiting.waiting(NOW).oldest == NOW

    read_posts(NOW)

    found = intake_waiting.waiting(NOW)
    assert (found.due, found.oldest, found.stuck) == (0, None, 1)
    (row,) = intake_waiting.stuck_rows(NOW, 10)
    assert (row.verb, row.verb_url) == ("Replay", row.url + "replay/")


def test_a_replayed_post_is_due_but_not_late():
    make_it = post(b"not json")
    read_posts(NOW)
    intake_waiting.RawDelivery.objects.filter(pk=make_it).update(state="received", replays=1)

    found = intake_waiting.waiting(NOW + MINUTE)

    assert (found.due, found.oldest) == (1, None)


def test_a_change_waits_until_it_is_claimed():
    make.alert(make.service(), at=NOW)
    provider = ENGINES["incidents"].waiting
    assert (provider(NOW).due, provider(NOW).oldest) == (1, NOW)

    incident_intake.tick(NOW)

    assert provider(NOW).due == 0


def test_runs_are_due_or_come_next():
    base = {"subject_kind": "x", "policy_name": "P", "terms": {}, "started_at": NOW}
    EscalationRun.objects.create(subject_id=1, next_at=NOW - SECOND, **base)
    EscalationRun.objects.create(subject_id=2, next_at=NOW + MINUTE, **base)

    found = escalation_waiting.waiting(NOW)

    assert (found.due, found.oldest, found.next_due) == (1, NOW - SECOND, NOW + MINUTE)


def watched(n, at, **fields):
    return EscalationRun.objects.create(
        subject_kind="incident",
        subject_id=n,
        policy_name="P",
        terms={},
        started_at=NOW,
        state="watching",
        next_at=at,
    )


def test_runs_that_watch_what_was_acknowledged_are_a_row_of_their_own():
    watched(1, NOW - SECOND), watched(2, NOW + MINUTE), watched(3, NOW + 2 * MINUTE)
    found = escalation_waiting.waiting(NOW)
    (part,) = found.parts
    assert (found.due, found.oldest, found.next_due) == (0, None, None)
    assert (part.name, part.rows, part.due, part.oldest, part.next_due) == (
        "watching",
        3,
        1,
        NOW - SECOND,
        NOW + MINUTE,
    )


def test_what_is_watched_and_overdue_makes_the_engine_late():
    tick_all(NOW)
    watched(1, NOW - 10 * MINUTE)
    (late,) = engines(NOW).late
    assert (late.engine.name, late.since) == ("escalation", NOW - 10 * MINUTE)


def test_page_and_api_show_what_is_watched():
    now = clock.now()
    tick_all(now)
    watched(1, now + MINUTE), watched(2, now + MINUTE)
    page = browse("lead").get("/engines/").content.decode()
    row = page[page.index('id="engine-escalation-watching"') :].split("</tr>")[0]
    assert "Acknowledged, watched for silence" in row
    assert "2 rows" in row
    body = browse("lead").get("/api/v1/engines/").json()
    parts = {each["name"]: each["parts"] for each in body["engines"]}
    assert [(part["name"], part["rows"], part["due"]) for part in parts["escalation"]] == [("watching", 2, 0)]
    assert parts["delivery"] == []


def test_a_run_whose_step_fails_stands_back_and_leads_to_its_incident():
    lost = {"subject_kind": "unheard-of", "policy_name": "P", "terms": {}, "started_at": NOW}
    EscalationRun.objects.create(subject_id=1, next_at=NOW + 30 * SECOND, failures=2, **lost)
    EscalationRun.objects.create(subject_id=2, next_at=NOW + 30 * SECOND, **lost)
    make.policy(make.user())
    incident = make.incident(now=NOW, title="All scores null")
    EscalationRun.objects.filter(subject_id=incident.pk, subject_kind="incident").update(
        failures=1, next_at=NOW + 10 * SECOND
    )

    rows = escalation_waiting.stuck_rows(NOW, 10)

    assert escalation_waiting.waiting(NOW).stuck == 2
    assert [(row.what, row.url) for row in rows] == [
        (f"{incident.ref} All scores null", f"/incidents/{incident.ref}/"),
        ("P: unheard-of 1", ""),
    ]


def test_messages_are_due_in_hand_or_do_not_get_on():
    message(next_at=NOW - SECOND)
    message(state="sending", attempts=1, next_at=NOW + MINUTE)
    lost = message(state="sending", attempts=1, next_at=NOW - MINUTE)
    failing = message(attempts=2, next_at=NOW + 2 * MINUTE, error="451")
    failed = message(state="failed", attempts=6, error="Given up")
    message(state="failed", error="Long ago", created_at=NOW - timedelta(days=8))

    found = delivery_waiting.waiting(NOW)

    assert (found.due, found.oldest, found.in_hand, found.stuck, found.next_due) == (
        2,
        NOW - MINUTE,
        1,
        3,
        NOW + MINUTE,
    )
    rows = delivery_waiting.stuck_rows(NOW, 10)
    assert [(row.url, bool(row.verb_url)) for row in rows] == [
        (f"/messages/outbox/{failed.pk}/", True),
        (f"/messages/outbox/{lost.pk}/", False),
        (f"/messages/outbox/{failing.pk}/", False),
    ]


def test_figures_page_and_api_say_the_same():
    now = clock.now()
    tick_all(now)
    message(next_at=now - MINUTE, created_at=now)
    lead = browse("lead")

    api = {engine["name"]: engine for engine in lead.get("/api/v1/engines/").json()["engines"]}
    figures = lead.get("/metrics").content.decode()
    ready = lead.get("/readyz").json()

    assert api["delivery"]["due"] == 1
    assert 'mainstay_engine_due{engine="delivery"} 1.0' in figures
    assert ready["waiting"]["delivery"]["due"] == 1
    assert ready["checks"]["engines"] == "ok"


def test_what_was_worked_late_shows_in_figures_and_on_the_page():
    now = clock.now()
    make.alert(make.service(), at=now - 3 * SECOND)
    incident_intake.tick(now)
    meter.flush(now)

    figures = browse("lead").get("/metrics").content.decode()
    row = next(row for row in engines(now).rows if row.state.engine.name == "incidents")

    assert 'mainstay_engine_lateness_seconds_bucket{engine="incidents",le="2.0"} 0.0' in figures
    assert 'mainstay_engine_lateness_seconds_bucket{engine="incidents",le="5.0"} 1.0' in figures
    assert 'mainstay_engine_lateness_seconds_count{engine="incidents"} 1.0' in figures
    assert (row.p99, row.lateness) == (5.0, "≤ 5 s")


def test_posts_are_counted_by_integration_and_result():
    door = make.integration(name="Grafana EU", source="generic")
    post(b"not json", integration=door)
    post(b'{"id": "slow", "title": "Slow", "severity": "warning"}', integration=door)
    read_posts(NOW)
    meter.flush(NOW)

    figures = browse("lead").get("/metrics").content.decode()

    wanted = 'mainstay_intake_posts_total{integration="Grafana EU",result="%s",source="generic"} 1.0'
    assert wanted % "parked" in figures
    assert wanted % "read" in figures
    assert 'mainstay_intake_alerts_total{integration="Grafana EU",source="generic"} 1.0' in figures


def test_the_room_says_what_it_means_and_leads_are_shown_the_engines():
    now = clock.now()
    tick_all(now)
    tick_all(now, besides="")
    EngineTick.objects.filter(name="intake").update(finished_at=now - MINUTE)

    lead, responder = browse("lead").get("/"), browse("responder").get("/")

    for page in (lead.content.decode(), responder.content.decode()):
        assert "Alert intake is late." in page
        assert "New alerts are kept but not read." in page
    assert 'href="/engines/"' in lead.content.decode()
    assert 'href="/engines/"' not in responder.content.decode()


def test_the_page_offers_what_can_be_done():
    now = clock.now()
    failed = message(state="failed", error="550 no such box", created_at=now)

    page = browse("lead").get("/engines/").content.decode()

    assert "550 no such box" in page
    assert f'action="/messages/outbox/{failed.pk}/retry/"' in page


def test_a_poll_is_answered_by_the_region_alone():
    page = browse("lead").get("/engines/", headers={"X-Live": "1"}).content.decode().strip()

    assert page.startswith('<div id="engines" data-live="/engines/" data-fresh>')
    assert "<html" not in page


def test_ringing_wakes_every_engine_once_committed_and_is_on_the_trail(
    monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(nudge, "send", rung.append)
    lead = browse("lead")

    with django_capture_on_commit_callbacks(execute=True):
        lead.post("/engines/ring/")

    assert sorted(rung) == sorted(engine.task for engine in ENGINES.values())
    assert AuditEntry.objects.get(action="engines.ring").actor_kind == "person"


def test_a_failed_tick_is_told_in_words():
    tick_all(NOW)
    EngineTick.objects.filter(name="clocks").update(error="ValueError: odd")

    clocks = next(state for state in watch.look(NOW) if state.engine.name == "clocks")

    assert clocks.words == "Its last run failed: ValueError: odd"
    assert not engines(NOW).all_well
    later = next(state for state in watch.look(NOW + MINUTE) if state.engine.name == "clocks")
    assert later.words == "It has not run for 1 min. Its last run failed: ValueError: odd"
