"""11. A chat service answered 429, was asked again at once and without end, and everybody's messages queued up
behind it.

What holds here: `Retry-After` is obeyed, tries are bounded, nobody else waits, and when tries are used up the
person's next way is taken. Our own side asks little: no contact is sent more than its limit.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from notifications.domain import delivery
from notifications.domain.decision import MAX_ATTEMPTS
from notifications.domain.outbox import cancel_about
from notifications.domain.pipeline.throttle import LIMITS
from notifications.models import Message, PersonalRule
from tests import make
from tests.make import NOW
from tests.notifications.conftest import email, receiver, webhook
from tests.notifications.contacts import point
from tests.notifications.messages import tell

__all__ = ["email", "receiver", "webhook"]
pytestmark = pytest.mark.django_db(transaction=True)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.MAINSTAY_NUDGES = False


def reached_by(address, urgency="urgent", *, then_email=True):
    made = make.user()
    hook = point(made, address=address)
    PersonalRule.objects.create(user=made, urgency=urgency, channel="webhook", contact=hook)
    if then_email:
        PersonalRule.objects.create(
            user=made, urgency=urgency, channel="email", delay_minutes=120, position=1
        )
    return made


def of(person, channel="webhook"):
    return Message.objects.exclude(kind="contact.disabled").get(recipient=person, channel=channel)


def soon(at, due):
    """Then, or as much later as the tick had been at work: its instant moves on."""
    return due <= at < due + 30 * SECOND


def test_retry_after_is_obeyed_and_others_do_not_wait(receiver, email):
    alice, bob = reached_by(f"{receiver.url}/busy"), reached_by(f"{receiver.url}/free")
    receiver.by_path["/busy"], receiver.headers = 429, {"Retry-After": "120"}
    tell(alice, bob)
    delivery.tick(NOW)
    assert (of(alice).state, of(alice).attempts, of(bob).state) == ("pending", 1, "sent")
    assert soon(of(alice).next_at, NOW + 120 * SECOND)
    delivery.tick(NOW + 119 * SECOND)
    assert [got.path for got in receiver.got].count("/busy") == 1
    receiver.by_path.clear()
    delivery.tick(of(alice).next_at)
    assert of(alice).state == "sent"


def test_tries_are_bounded_and_then_the_next_way_is_taken(receiver, email):
    alice = reached_by(f"{receiver.url}/busy")
    receiver.status, receiver.headers = 429, {"Retry-After": "60"}
    tell(alice)
    now = NOW
    for _ in range(30):
        delivery.tick(now)
        now += 2 * MINUTE
        if of(alice).state == "failed":
            break
        Message.objects.filter(channel="webhook", next_at__gt=now).update(next_at=now)
    assert (of(alice).state, len(receiver.got)) == ("failed", MAX_ATTEMPTS)
    delivery.tick(now)
    assert of(alice, "email").state == "sent"
    assert email.sent[0].body.startswith("Webhook webhook hint to you failed (Given up after 6 attempts.")
    assert alice.contact_points.get().state == "verified", "busy is not gone"


def test_a_pause_longer_than_an_hour_is_an_hour(receiver):
    alice = reached_by(receiver.url)
    receiver.status, receiver.headers = 503, {"Retry-After": "99999"}
    tell(alice)
    delivery.tick(NOW)
    assert soon(of(alice).next_at, NOW + timedelta(hours=1))


def test_a_receiver_that_hangs_leaves_the_others_theirs(receiver, email):
    alice, bob = reached_by(f"{receiver.url}/in"), make.user()
    receiver.gate = threading.Event()
    tell(alice)
    ticking = threading.Thread(target=lambda: (delivery.tick(NOW), connections.close_all()))
    ticking.start()
    try:
        assert receiver.entered.wait(10)
        tell(bob, key="other")
        delivery.tick(NOW)
        assert of(bob, "email").state == "sent"
        assert of(alice).state == "sending"
    finally:
        receiver.gate.set()
        ticking.join()
    assert of(alice).state == "sent"


def test_over_the_limit_waits_without_an_attempt_and_leaves_later_as_one(webhook):
    alice = reached_by("https://hooks.test/in", "ordinary", then_email=False)
    limit = LIMITS["ordinary"][0]
    for n in range(limit.count + 2):
        tell(alice, key=f"n{n}", urgency="ordinary", about_ref=f"INC-{n}", now=NOW + n * SECOND, data={})
        delivery.tick(NOW + n * SECOND)
    assert len(webhook.sent) == limit.count
    waiting = list(Message.objects.filter(channel="webhook", state="pending"))
    assert [(row.attempts, soon(row.next_at, NOW + limit.window)) for row in waiting] == [(0, True)] * 2
    assert {row.error for row in waiting} == {
        "Waits, so that this contact is not flooded (at most 3 in 1 min, 8 in 15 min, 20 in 60 min). Nothing is lost."
    }
    delivery.tick(max(row.next_at for row in waiting))
    assert [len(each.items) for each in webhook.sent[limit.count :]] == [2]


def test_what_waits_can_still_be_called_back(webhook):
    alice = reached_by("https://hooks.test/in", "ordinary", then_email=False)
    for n in range(4):
        tell(alice, key=f"n{n}", urgency="ordinary", about_ref=f"INC-{n}", now=NOW + n * SECOND, data={})
        delivery.tick(NOW + n * SECOND)
    assert cancel_about("incident", "INC-3", now=NOW, reason="Resolved") == 1
    delivery.tick(NOW + 5 * MINUTE)
    assert [each.about_ref for each in webhook.sent] == ["INC-0", "INC-1", "INC-2"]


def test_a_sev1_call_is_never_made_to_wait(webhook):
    alice = reached_by("https://hooks.test/in", then_email=False)
    count = LIMITS["urgent"][0].count + 5
    for n in range(count):
        tell(alice, key=f"n{n}", about_ref=f"INC-{n}", data={"severity": "SEV1"})
        delivery.tick(NOW + n * SECOND)
    assert len(webhook.sent) == count


def test_an_older_call_about_the_same_thing_is_superseded_and_says_so(webhook):
    alice = reached_by("https://hooks.test/in", then_email=False)
    tell(alice, key="step1", subject="first")
    tell(alice, key="step2", subject="second", now=NOW + SECOND)
    delivery.tick(NOW + SECOND)
    assert [each.subject for each in webhook.sent] == ["second"]
    old, new = Message.objects.filter(channel="webhook").order_by("pk")
    assert (old.state, old.attempts, new.state) == ("cancelled", 0, "sent")
    assert old.error == f"Superseded by a newer message about INC-1042 (number {new.pk}) before it left."
    assert Message.objects.filter(channel="in_app", state="sent").count() == 2, "the inbox keeps both"
