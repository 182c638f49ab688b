"""6. At most once: a sender died between sending and writing down that it had sent. The message was marked
failed and nobody was called.

What holds here: a message in hand has a lease; when it runs out the message leaves again with the same
idempotency key, so that a provider that had it already recognises it. A bundle keeps its identity too: the same
messages under the same key, less what was acknowledged meanwhile, and no newcomers.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from notifications.domain import delivery
from notifications.domain.claims import LEASE, claim
from notifications.domain.outbox import cancel_about
from notifications.domain.settling import settle
from notifications.models import DeliveryAttempt, Message, PersonalRule
from notifications.types import DeliveryError, Outcome
from tests import make
from tests.make import NOW
from tests.notifications.conftest import receiver, webhook
from tests.notifications.contacts import point
from tests.notifications.messages import tell
from tests.together import together

__all__ = ["receiver", "webhook"]
pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.MAINSTAY_NUDGES = False


def reached_by_webhook(address="https://hooks.test/in"):
    alice = make.user()
    hook = point(alice, address=address)
    PersonalRule.objects.create(user=alice, urgency="urgent", channel="webhook", contact=hook)
    return alice


def call(alice, *refs, now=NOW):
    for ref in refs:
        tell(
            alice,
            key=f"run:{ref}",
            about_ref=ref,
            subject=f"SEV2 {ref} down",
            data={"severity": "SEV2"},
            now=now,
        )


def members(claimed):
    rows = Message.objects.filter(pk__in=[each.message_id for each in claimed.members])
    return sorted(rows.values_list("about_ref", flat=True))


def test_a_crash_in_the_send_window_is_retried_with_the_same_idempotency_key(receiver):
    alice = reached_by_webhook(f"{receiver.url}/in")
    call(alice, "INC-1")
    [mine], _ = claim(NOW, 8)
    assert delivery.attempt(mine) == Outcome("sent")  # it arrived, and then the sender was killed
    delivery.tick(NOW + LEASE - SECOND)
    assert len(receiver.got) == 1
    delivery.tick(NOW + LEASE)
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    message = Message.objects.get(channel="webhook")
    attempts = DeliveryAttempt.objects.filter(message_id=message.pk).order_by("pk")
    assert (message.state, list(attempts.values_list("number", "outcome"))) == (
        "sent",
        [(1, "lost"), (2, "sent")],
    )


def test_a_bundle_whose_sender_died_is_the_same_bundle_and_takes_no_newcomers(webhook):
    alice = reached_by_webhook()
    call(alice, "INC-1", "INC-2", "INC-3")
    [first], _ = claim(NOW, 8)
    call(alice, "INC-4", now=NOW + SECOND)
    later = NOW + LEASE
    again, other = sorted(claim(later, 8)[0], key=lambda each: each.message_id)
    assert (members(first), members(again), members(other)) == (
        ["INC-1", "INC-2", "INC-3"],
        ["INC-1", "INC-2", "INC-3"],
        ["INC-4"],
    )
    assert first.outgoing.dedup_key == again.outgoing.dedup_key != other.outgoing.dedup_key
    assert first.outgoing.subject == "3 incidents need you: INC-1, INC-2, INC-3"
    assert (again.attempt, other.attempt) == (2, 1)
    assert settle(first, Outcome("permanent", "too late"), later) is False
    assert settle(again, Outcome("sent"), later) is True
    states = Message.objects.filter(channel="webhook").order_by("pk").values_list("about_ref", "state")
    assert list(states) == [("INC-1", "sent"), ("INC-2", "sent"), ("INC-3", "sent"), ("INC-4", "sending")]


def test_what_is_acknowledged_meanwhile_drops_out_of_the_bundle(webhook):
    alice = reached_by_webhook()
    call(alice, "INC-1", "INC-2", "INC-3")
    [first], _ = claim(NOW, 8)
    cancel_about("incident", "INC-2", kinds=("incident.page",), now=NOW, reason="Acknowledged")
    delivery.tick(NOW + LEASE)
    [sent] = webhook.sent
    assert sent.dedup_key == first.outgoing.dedup_key
    assert [item.about_ref for item in sent.items] == ["INC-1", "INC-3"]
    row = Message.objects.get(channel="webhook", about_ref="INC-2")
    assert (row.state, row.error) == ("cancelled", "Acknowledged")


def test_a_bundle_that_failed_for_now_comes_back_whole_and_at_one_time(webhook):
    alice = reached_by_webhook()
    call(alice, "INC-1", "INC-2")
    webhook.error = DeliveryError("503")
    delivery.tick(NOW)
    rows = Message.objects.filter(channel="webhook")
    assert rows.values("next_at").distinct().count() == 1
    webhook.error = None
    delivery.tick(rows[0].next_at)
    assert [(each.dedup_key, len(each.items)) for each in webhook.sent] == [
        (webhook.sent[0].dedup_key, 2)
    ] * 2


def test_one_event_never_gives_one_person_two_messages_by_one_way_however_many_announce_it(webhook):
    """Each row of one way has the one dedup key; a second row can't exist."""
    alice = reached_by_webhook()
    other = point(alice, address="https://other.test/in")
    PersonalRule.objects.create(user=alice, urgency="urgent", channel="webhook", contact=other, position=1)
    barrier = threading.Barrier(8)

    def announcer():
        barrier.wait()
        call(alice, "INC-1")
        connections.close_all()

    threads = [threading.Thread(target=announcer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivery.tick(NOW)
    rows = Message.objects.order_by("pk")
    assert sorted(row.route_key for row in rows) == sorted(
        ["in_app", *(f"webhook.{each.pk}" for each in alice.contact_points.all())]
    )
    assert sorted(each.dedup_key for each in webhook.sent) == sorted(
        row.dedup_key for row in rows if row.channel == "webhook"
    )


def test_several_couriers_keep_the_limits_together_and_send_each_message_once(webhook):
    """Forty ordinary messages and five couriers: what leaves is one bundle, then the rest under its limit."""
    alice = make.user()
    hook = point(alice)
    PersonalRule.objects.create(user=alice, urgency="ordinary", channel="webhook", contact=hook)
    for n in range(40):
        tell(alice, key=f"news{n}", kind="news", urgency="ordinary", about_ref=f"INC-{n}", data={})
    together(lambda _n: delivery.tick(NOW), 5)
    delivery.tick(NOW)
    assert [len(each.items) for each in webhook.sent] == [40]
    assert Message.objects.filter(channel="webhook", state="sent").count() == 40
