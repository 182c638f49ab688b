"""The nightly look at all promises."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from core import clock
from core.types import person
from incidents.domain import checking, lifecycle
from incidents.models import Clock, ClockCheck
from incidents.tasks import check_promises
from notifications.models import Message
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def opened(count=3):
    alice = person(make.user())
    return [lifecycle.acknowledge(make.incident(), actor=alice, now=NOW) for _ in range(count)]


def told():
    return list(
        Message.objects.filter(kind="clock.drift", channel="in_app").values_list("recipient__name", flat=True)
    )


def test_where_all_is_well_nobody_hears_of_it():
    make.user("lead")
    opened()
    made = checking.check(NOW + HOUR)
    assert (made.checked, made.drifted, made.found, told()) == (6, 0, [], [])


def test_a_promise_that_is_not_what_its_timeline_makes_it_is_named_to_leads():
    lead = make.user("lead", name="Grace")
    make.user("lead", name="Gone", is_active=False)
    first, second, _third = opened()
    Clock.objects.filter(incident=second, kind="resolve").update(due_at=NOW)
    Clock.objects.filter(incident=first, kind="acknowledge").update(breached_at=None, met_at=NOW + 9 * HOUR)
    made = checking.check(NOW + HOUR)
    assert (made.checked, made.drifted) == (6, 2)
    assert sorted(made.found, key=lambda each: each["incident"]) == [
        {"incident": first.ref, "kind": "acknowledge", "fields": ["breached_at"]},
        {"incident": second.ref, "kind": "resolve", "fields": ["due_at"]},
    ]
    assert told() == [lead.name]
    message = Message.objects.get(kind="clock.drift", channel="in_app")
    assert message.subject == "2 of 6 promises are not what their timeline makes them"
    assert message.url == f"/incidents/{made.found[0]['incident']}/promises/"


def test_what_ended_before_the_last_look_is_not_looked_at_again():
    (incident,) = opened(1)
    lifecycle.resolve(incident, actor=person(make.user()), now=NOW + HOUR, resolution="fixed")
    assert checking.check(NOW + 2 * HOUR).checked == 2
    assert checking.check(NOW + 3 * HOUR).checked == 0


def test_it_takes_as_many_questions_for_many_as_for_one(django_assert_num_queries):
    opened(2)
    checking.check(NOW)
    with django_assert_num_queries(5):
        checking.check(NOW)
    opened(20)
    with django_assert_num_queries(5):
        assert checking.check(NOW).checked == 22


def test_in_batches_nothing_is_left_out(monkeypatch):
    monkeypatch.setattr(checking, "BATCH", 2)
    opened(4)
    assert checking.check(NOW + HOUR).checked == 8


def test_what_moves_between_the_two_questions_is_looked_at_again_and_is_well(monkeypatch):
    (incident,) = opened(1)
    alice, read = person(make.user()), checking.waits.histories_of

    def held_meanwhile(keys):
        monkeypatch.setattr(checking.waits, "histories_of", read)
        lifecycle.hold(incident, actor=alice, now=NOW + HOUR, reason="Sample pages", party="client")
        return read(keys)

    monkeypatch.setattr(checking.waits, "histories_of", held_meanwhile)
    assert checking.check(NOW + HOUR).drifted == 0


def test_it_is_due_once_a_night():
    check_promises()
    check_promises()
    assert ClockCheck.objects.count() == 1
    ClockCheck.objects.update(at=clock.now() - timedelta(hours=24))
    check_promises()
    assert ClockCheck.objects.count() == 2


def test_operators_may_ask_at_any_time():
    (incident,) = opened(1)
    Clock.objects.filter(incident=incident, kind="resolve").update(target_seconds=1)
    out = StringIO()
    call_command("check_promises", stdout=out)
    assert out.getvalue().splitlines()[0] == "1 promises looked at, 1 are not what their timeline makes them."
    assert out.getvalue().splitlines()[1].startswith(f"{incident.ref} resolve: ")
