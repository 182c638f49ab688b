"""What has served its time goes: by itself, or by `manage.py retire`, which first says what would go."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from config import tasks
from config.retention import KINDS, Rows
from core import clock, slices
from monitoring.domain.housekeeping import POSTS
from monitoring.models import RawDelivery
from notifications.models import DeliveryAttempt
from tests.monitoring import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_post():
    """A post of two months ago, read, in a slice of its own."""
    then = clock.now() - timedelta(days=60)
    expiry = then + timedelta(days=30)
    slices.ensure(POSTS, expiry, expiry)
    make.take(make.integration("generic"), "generic/single", at=then)


def retire(*args: str) -> list[str]:
    out = StringIO()
    call_command("retire", *args, stdout=out)
    return out.getvalue().splitlines()


def test_a_dry_run_says_what_would_go_and_changes_nothing(old_post):
    said = retire("--dry-run")

    assert len(said) == len(KINDS) + 1
    assert said[0].startswith("posts of tools as they arrived: 1 slice, about ")
    assert said[3] == "counts of a minute's alerts: 1 rows"
    assert said[-1] == "Nothing was changed. Without --dry-run all of this goes."
    assert RawDelivery.objects.count() == 1


def test_without_it_all_of_that_goes_and_a_second_run_finds_nothing(old_post):
    retire()

    assert RawDelivery.objects.count() == 0
    assert [line.rpartition(": ")[2] for line in retire()] == ["nothing"] * len(KINDS)


def test_a_busy_table_does_not_keep_the_others_waiting(monkeypatch):
    asked = []

    def busy(now):
        raise DatabaseError("canceling statement due to lock timeout")

    kinds = (
        Rows("busy things", lambda now: None, busy),
        Rows("others", lambda now: None, asked.append),
    )
    monkeypatch.setattr(tasks, "KINDS", kinds)
    tasks.housekeeping()
    assert len(asked) == 1


def test_housekeeping_makes_room_ahead():
    DeliveryAttempt.objects.create(
        message_id=1, at=clock.now() + timedelta(days=29), number=1, outcome="sent"
    )
    tasks.housekeeping()
    assert slices.load_of(["notifications_deliveryattempt_rest"]).rows == 0
    assert DeliveryAttempt.objects.count() == 1
