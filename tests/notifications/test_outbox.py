"""Who gets which message, when, and what is called back."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from notifications.domain.outbox import announce, cancel_about
from notifications.models import Message
from tests import make
from tests.make import NOW
from tests.notifications.messages import event, of, rule, tell


def channels_of(person):
    rows = Message.objects.filter(recipient=person).order_by("pk")
    return [(row.channel, int((row.next_at - NOW).total_seconds()) // 60) for row in rows]


@pytest.mark.django_db
def test_who_has_no_rules_is_called_by_inbox_and_email_at_once():
    alice = make.user()
    tell(alice)
    assert channels_of(alice) == [("in_app", 0), ("email", 0)]


@pytest.mark.django_db
def test_ordinary_news_goes_to_the_inbox_only():
    alice = make.user()
    tell(alice, urgency="ordinary")
    assert channels_of(alice) == [("in_app", 0)]


@pytest.mark.django_db
def test_own_rules_say_which_channels_in_which_order_after_how_long():
    alice, bob = make.user(), make.user()
    rule(alice, "pager", 5, position=2)
    rule(alice, "email", 2, position=1)
    rule(bob, "in_app", 30)
    tell(alice, bob)
    assert channels_of(alice) == [("in_app", 0), ("email", 2), ("pager", 5)]
    assert channels_of(bob) == [("in_app", 0)], "the inbox never waits"


@pytest.mark.django_db
def test_rules_for_urgent_calls_leave_ordinary_news_alone():
    alice = make.user()
    rule(alice, "email", 2)
    tell(alice, urgency="ordinary")
    assert channels_of(alice) == [("in_app", 0)]


@pytest.mark.django_db
def test_the_deactivated_are_never_messaged():
    alice, gone = make.user(), make.user(is_active=False)
    assert {row.recipient_id for row in tell(alice, gone)} == {alice.pk}
    assert tell(gone, key="other") == []


@pytest.mark.django_db
def test_a_service_account_has_an_inbox_and_no_email():
    robot = make.user("service")
    tell(robot)
    assert channels_of(robot) == [("in_app", 0)]


@pytest.mark.django_db
def test_the_same_event_announced_twice_is_one_message_a_person_and_channel():
    alice, bob = make.user(), make.user()
    first = tell(alice)
    again = tell(alice, alice, bob)
    assert Message.objects.count() == 4
    assert {row.pk for row in first} < {row.pk for row in again}


@pytest.mark.django_db(transaction=True)
def test_announced_by_ten_at_once_it_is_still_one():
    people = [make.user(), make.user()]
    barrier = threading.Barrier(10)

    def announcer(n):
        barrier.wait()
        announce(event(), people[::-1] if n % 2 else people, now=NOW)
        connections.close_all()

    threads = [threading.Thread(target=announcer, args=[n]) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Message.objects.values_list("recipient_id", "channel")) == sorted(
        (person.pk, channel) for person in people for channel in ("in_app", "email")
    )


@pytest.mark.django_db
def test_a_long_key_is_cut_without_losing_what_tells_it_apart():
    alice = make.user()
    tell(alice, key="k" * 300 + "1", urgency="ordinary")
    tell(alice, key="k" * 300 + "2", urgency="ordinary")
    tell(alice, key="k" * 300 + "2", urgency="ordinary")
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_a_subject_is_one_line_of_at_most_two_hundred_letters():
    alice = make.user()
    tell(alice, subject="SEV1\r\nBcc: eve@test.mainstay\x00 " + "x" * 300)
    subject = of(alice, "in_app").subject
    assert subject.startswith("SEV1 Bcc: eve@test.mainstay xxx")
    assert (len(subject), subject[-1]) == (200, "…")


@pytest.mark.django_db
def test_acknowledging_calls_back_what_waits_and_nothing_else():
    alice, bob = make.user(), make.user()
    rule(alice, "email", 2)
    tell(alice)
    tell(bob, key="other", about_ref="INC-7")
    tell(alice, key="news", kind="incident.news", urgency="ordinary")
    assert cancel_about("incident", "INC-1042", kinds=("incident.page",), now=NOW, reason="Acknowledged") == 2
    states = Message.objects.order_by("pk").values_list("dedup_key", "state", "error")
    assert [(key.split(":")[-1], state, error) for key, state, error in states] == [
        ("in_app", "cancelled", "Acknowledged"),
        ("email", "cancelled", "Acknowledged"),
        ("in_app", "pending", ""),
        ("email", "pending", ""),
        ("in_app", "pending", ""),
    ]


@pytest.mark.django_db
def test_calling_back_covers_what_waits_for_its_next_try():
    alice = make.user()
    tell(alice)
    Message.objects.update(attempts=2, next_at=NOW + timedelta(minutes=1))
    assert cancel_about("incident", "INC-1042", now=NOW, reason="Resolved") == 2
    assert cancel_about("incident", "INC-1042", now=NOW, reason="Resolved") == 0


@pytest.mark.django_db
def test_announcing_asks_the_same_few_questions_however_many_are_told(django_assert_num_queries):
    one, three = [make.user()], [make.user() for _ in range(3)]
    for people, key in ((one, "a"), (three, "b")):
        with django_assert_num_queries(4):  # rules, what is switched off, insert, read
            announce(event(key), people, now=NOW)
