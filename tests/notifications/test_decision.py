"""What becomes of a message after an attempt."""

from datetime import timedelta

import pytest

from notifications.domain.decision import MAX_ATTEMPTS, Next, decide, wait
from notifications.types import Outcome
from tests.make import NOW

TEMPORARY = Outcome("temporary", "451 try again")


def seconds(following: Next) -> float:
    assert following.next_at is not None
    return (following.next_at - NOW).total_seconds()


@pytest.mark.parametrize(("attempt", "expected"), [(1, 5), (2, 15), (3, 60), (4, 300), (5, 900)])
def test_back_off_after_each_attempt(attempt, expected):
    following = decide(attempt, TEMPORARY, NOW, message_id=0)
    assert (following.state, seconds(following)) == ("pending", expected)


def test_the_sixth_attempt_is_the_last():
    assert MAX_ATTEMPTS == 6
    assert decide(6, TEMPORARY, NOW) == Next("failed", None, "Given up after 6 attempts. 451 try again")


def test_those_that_failed_together_return_apart_and_each_always_alike():
    waits = [wait(4, number) for number in range(1, 200)]
    assert waits == [wait(4, number) for number in range(1, 200)]
    assert 300 <= min(waits) < 303 and 357 < max(waits) < 360
    assert len(set(waits)) == 199


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(2, 5), (90, 90), (86_400, 3600)],
    ids=["shorter than ours", "longer than ours", "longer than an hour"],
)
def test_retry_after_is_obeyed(asked, expected):
    assert seconds(decide(1, Outcome("temporary", "429", retry_after=asked), NOW)) == expected


def test_sent_and_held_are_the_end():
    assert decide(1, Outcome("sent"), NOW) == Next("sent")
    assert decide(1, Outcome("held", "No mail server"), NOW) == Next("held", None, "No mail server")


def test_a_permanent_error_is_the_end_at_once():
    assert decide(1, Outcome("permanent", "550"), NOW) == Next("failed", None, "550")


def test_a_lost_attempt_is_due_at_once_and_counts():
    assert decide(1, Outcome("lost", "died"), NOW) == Next("pending", NOW, "died")
    assert decide(6, Outcome("lost", "died"), NOW).state == "failed"


@pytest.mark.parametrize("kind", ["temporary", "permanent", "lost"])
def test_what_was_called_back_is_not_tried_again(kind):
    assert decide(1, Outcome(kind), NOW, called_back="Acknowledged") == Next(
        "cancelled", None, "Acknowledged"
    )


def test_what_had_left_before_it_was_called_back_has_left():
    assert decide(1, Outcome("sent"), NOW + timedelta(1), called_back="Acknowledged") == Next("sent")
