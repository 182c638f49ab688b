"""Posts that can't be read, that fail, that come twice, that expire."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from core import slices
from core.errors import IllegalState
from core.types import SYSTEM, person
from monitoring.domain import intake
from monitoring.domain.deliveries import receive, replay
from monitoring.domain.housekeeping import expire_ids, raw_span, readings_span
from monitoring.domain.intake import tick
from monitoring.models import Alert, AlertOccurrence, RawDelivery
from monitoring.queries.deliveries import readable
from tests import make as people
from tests.make import NOW
from tests.monitoring import make

pytestmark = pytest.mark.django_db


def tidy(now) -> None:
    """Housekeeping of posts and readings, until there is nothing left to do."""
    for span in (raw_span(now), readings_span(now)):
        while slices.keep_up(span, now):
            pass


def test_what_cannot_be_read_is_parked_with_the_reason():
    door = make.integration("generic")

    make.take(door, "generic/no-id")

    row = RawDelivery.objects.get()
    assert row.state == "parked"
    assert row.reason == (
        "An alert has no “id”. Send “id”: the text that stays the same "
        "when this alert fires again and when it resolves."
    )
    assert Alert.objects.count() == 0


def test_a_parked_post_does_not_hold_up_those_behind_it():
    door = make.integration("generic")
    make.arrive(door, b"nonsense")
    make.arrive(door, "generic/single")

    assert tick(NOW) == 2
    assert list(RawDelivery.objects.order_by("pk").values_list("state", flat=True)) == ["parked", "done"]


def test_a_post_that_we_fail_on_is_parked_too_and_leaves_nothing_half_done(monkeypatch):
    door = make.integration("generic")
    make.arrive(door, "generic/several")

    def fail(*args):
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(intake, "_touch", fail)
    tick(NOW)

    row = RawDelivery.objects.get()
    assert row.state == "parked"
    assert row.reason.startswith("Mainstay failed on it (KeyError).")
    assert Alert.objects.count() == AlertOccurrence.objects.count() == 0


def test_replay_reads_a_parked_post_again_by_the_time_it_arrived(monkeypatch):
    door = make.integration("generic")
    with monkeypatch.context() as broken:
        broken.setattr(intake, "_touch", lambda *args: 1 / 0)
        make.take(door, "generic/several")
    lead = people.user("lead")
    later = NOW + timedelta(hours=2)

    row = replay(RawDelivery.objects.get(), actor=person(lead), now=later)
    assert (row.state, row.replays) == ("received", 1)
    tick(later)

    row.refresh_from_db()
    assert (row.state, row.reason, row.handled_at) == ("done", "", later)
    assert make.alert(identity="gpu-7").last_seen_at == NOW
    assert AuditEntry.objects.get(action="delivery.replay").actor_id == lead.pk


def test_only_what_is_parked_can_be_replayed():
    make.take(make.integration("generic"), "generic/single")

    with pytest.raises(IllegalState):
        replay(RawDelivery.objects.get(), actor=SYSTEM, now=NOW)


def test_a_delivery_id_counts_once():
    door, other = make.integration("generic"), make.integration("generic")

    first = make.arrive(door, "generic/single", delivery_id="abc")
    second = make.arrive(door, "generic/single", delivery_id="abc")
    third = make.arrive(other, "generic/single", delivery_id="abc")

    assert first == second != third
    assert RawDelivery.objects.count() == 2


def test_a_post_of_a_vanished_integration_is_parked():
    door = make.integration("generic")
    make.arrive(door, "generic/single")
    door.delete()

    tick(NOW)

    assert (
        RawDelivery.objects.get().reason
        == "Its integration or the source of it is gone. Make a new integration."
    )


@pytest.mark.parametrize("has_slices", [True, False])
def test_expired_posts_and_readings_go_but_not_what_still_waits(has_slices):
    if has_slices:
        tidy(NOW)
    door = make.integration("generic")
    make.take(door, "generic/single", b"nonsense")
    make.arrive(door, "generic/single")

    tidy(NOW + timedelta(days=29))
    assert (RawDelivery.objects.count(), AlertOccurrence.objects.count()) == (3, 1)

    tidy(NOW + timedelta(days=40))
    assert list(RawDelivery.objects.values_list("state", flat=True)) == ["received"]
    assert AlertOccurrence.objects.count() == 0
    assert Alert.objects.count() == 1

    tick(NOW + timedelta(days=40))
    tidy(NOW + timedelta(days=40))
    assert RawDelivery.objects.count() == 0


def test_an_id_is_known_as_long_as_its_post():
    door = make.integration("generic")
    first = receive(door, b"{}", headers={}, delivery_id="d-1", address=None, now=NOW)

    assert receive(door, b"{}", headers={}, delivery_id="d-1", address=None, now=NOW) == first
    assert expire_ids(NOW + timedelta(days=29)) == 0
    assert expire_ids(NOW + timedelta(days=30)) == 1
    assert receive(door, b"{}", headers={}, delivery_id="d-1", address=None, now=NOW) != first


@pytest.mark.parametrize(
    ("body", "text"),
    [(b'{"a":1}', '{\n  "a": 1\n}'), (b"\xff\0x\x1b", "�␀x�"), (b"[" * 100_000, "[" * 100_000), (b"", "")],
)
def test_raw_bodies_are_shown_whatever_they_hold(body, text):
    assert readable(body) == text
