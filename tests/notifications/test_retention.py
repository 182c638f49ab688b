"""What has been said long ago goes; what is still to be said stays."""

from datetime import timedelta

import pytest

from core import slices
from notifications.domain import housekeeping
from notifications.models import DeliveryAttempt, Message
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
OLD = NOW - timedelta(days=181)


def message(state: str, created_at, **fields) -> Message:
    person = make.user()
    return Message.objects.create(
        recipient=person,
        channel=fields.pop("channel", "email"),
        kind="incident.page",
        subject="Called",
        dedup_key=f"kept:{person.pk}",
        state=state,
        created_at=created_at,
        **fields,
    )


def attempt(message: Message, at) -> DeliveryAttempt:
    return DeliveryAttempt.objects.create(message_id=message.pk, at=at, number=1, outcome="sent")


def tidy_attempts() -> int:
    """Slices and rows that went."""
    return slices.keep_up(housekeeping.attempts_span(NOW), NOW)


def left() -> set[int]:
    return set(Message.objects.values_list("pk", flat=True))


def test_old_messages_go_with_their_attempts_and_young_ones_stay():
    old, young = message("sent", OLD), message("sent", NOW - timedelta(days=179))
    attempt(old, OLD), attempt(young, NOW)
    assert housekeeping.expire_messages(NOW) == 1
    assert left() == {young.pk}
    assert list(DeliveryAttempt.objects.values_list("message_id", flat=True)) == [young.pk]
    assert housekeeping.expire_messages(NOW) == 0


@pytest.mark.parametrize("state", ["pending", "sending"])
def test_what_is_still_to_be_sent_stays_however_old(state):
    waiting = message(state, OLD, next_at=NOW + timedelta(hours=1))
    assert housekeeping.expire_messages(NOW) == 0
    assert left() == {waiting.pk}


@pytest.mark.parametrize("state", ["sent", "failed", "held", "cancelled"])
def test_whatever_has_ended_goes(state):
    message(state, OLD)
    assert housekeeping.expire_messages(NOW) == 1


def test_one_round_is_bounded_and_takes_the_oldest_first(monkeypatch):
    monkeypatch.setattr(housekeeping, "CHUNK", 2)
    oldest = [message("sent", OLD - timedelta(days=days)) for days in (2, 3, 1)]
    assert housekeeping.expire_messages(NOW) == 2
    assert left() == {oldest[2].pk}


def test_attempts_go_before_their_message():
    kept = message("sent", NOW - timedelta(days=100))
    attempt(kept, NOW - timedelta(days=91)), attempt(kept, NOW - timedelta(days=89))
    assert tidy_attempts() == 1
    assert DeliveryAttempt.objects.get().at == NOW - timedelta(days=89)
    assert left() == {kept.pk}


def test_zero_keeps_for_ever(settings):
    settings.MAINSTAY_MESSAGE_DAYS = settings.MAINSTAY_ATTEMPT_DAYS = 0
    attempt(message("sent", OLD), OLD)
    assert (housekeeping.expire_messages(NOW), tidy_attempts()) == (0, 0)
    assert DeliveryAttempt.objects.count() == 1
