"""Posts that are read together come out as if each had been read by itself."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.domain import folding, intake
from monitoring.domain.intake import tick
from monitoring.models import Alert, AlertChange, AlertOccurrence, IntakeMinute, Integration, RawDelivery
from tests import make as things
from tests.make import NOW
from tests.monitoring import make

pytestmark = pytest.mark.django_db

readings = st.fixed_dictionaries(
    {
        "id": st.sampled_from("abc"),
        "status": st.sampled_from(["firing", "resolved", "no_data"]),
        "service": st.sampled_from(["", "one", "two"]),
        "title": st.sampled_from(["T", "U"]),
        "event_at": st.integers(0, 4).map(lambda n: (NOW + timedelta(minutes=n)).isoformat()),
    }
)
posts = st.lists(
    st.tuples(st.lists(readings, min_size=1, max_size=3), st.integers(0, 90)), min_size=1, max_size=6
)


def drain() -> None:
    while tick(NOW):
        pass


def outcome(door: Integration) -> list[object]:
    """All that intake left of one integration, without ids."""
    alerts = Alert.objects.filter(integration=door).order_by("identity")
    hidden = {"id", "integration_id"}
    told = AlertChange.objects.filter(alert__integration=door).order_by("alert__identity", "pk")
    kept = AlertOccurrence.objects.filter(alert_id__in=alerts.values("pk")).order_by("pk")
    of = dict(alerts.values_list("pk", "identity"))
    return [
        [{key: value for key, value in row.items() if key not in hidden} for row in alerts.values()],
        list(told.values_list("alert__identity", "kind", "event_at", "detail", "lane", "coalesced")),
        sorted(
            (of[pk], *rest)
            for pk, *rest in kept.values_list("alert_id", "status", "at", "event_at", "note", "count")
        ),
        list(
            IntakeMinute.objects.filter(integration_id=door.pk)
            .order_by("minute", "service_id")
            .values_list("minute", "service_id", "alerts", "coalesced", "fresh")
        ),
    ]


@pytest.mark.parametrize("rate", [1_000, 4])
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=posts)
def test_together_is_as_one_by_one(rate, sent):
    for slug in ("one", "two"):
        things.Service.objects.filter(slug=slug).exists() or things.service(slug=slug)
    apart, together = make.integration("generic"), make.integration("generic")
    Integration.objects.update(rate=rate)
    sent = sorted(sent, key=lambda each: each[1])
    for door in (apart, together):
        for alerts, seconds in sent:
            make.arrive(door, json.dumps({"alerts": alerts}).encode(), at=NOW + timedelta(seconds=seconds))
            if door == apart:
                drain()
    drain()

    assert outcome(together) == outcome(apart)
    assert set(RawDelivery.objects.values_list("state", flat=True)) == {"done"}


def test_one_that_we_fail_on_is_parked_and_those_beside_it_pass(monkeypatch, caplog):
    door = make.integration("generic")
    fold = folding.fold

    def fail(before, reading):
        if reading.signal.identity == "bad":
            raise ZeroDivisionError
        return fold(before, reading)

    monkeypatch.setattr(folding, "fold", fail)
    for name in ("a", "b", "bad", "c", "a"):
        make.arrive(door, json.dumps({"id": name}).encode())

    assert tick(NOW) == 5

    states = list(RawDelivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["done", "done", "parked", "done", "done"]
    assert dict(Alert.objects.values_list("identity", "count")) == {"a": 2, "b": 1, "c": 1}
    assert AlertOccurrence.objects.count() == sum(IntakeMinute.objects.values_list("alerts", flat=True)) == 4


def test_a_turn_takes_many_posts_with_as_many_questions_as_few(django_assert_max_num_queries):
    door = make.integration("generic")
    Integration.objects.update(rate=100_000)
    for n in range(200):
        make.arrive(door, json.dumps({"id": f"alert-{n % 20}"}).encode())

    with django_assert_max_num_queries(40):
        assert tick(NOW) == 200

    assert set(Alert.objects.values_list("count", flat=True)) == {10}


def test_an_event_counts_once_whatever_post_it_comes_in():
    door = make.integration("generic")

    def events(*ids: str) -> bytes:
        told = [
            {"specversion": "1.0", "id": each, "source": "m", "type": "t", "data": {"dedup_key": "a"}}
            for each in ids
        ]
        return json.dumps(told).encode()

    make.take(door, events("1", "2"), events("2", "3", "3"), events("1", "3"))

    assert make.alert().count == 3
    assert list(RawDelivery.objects.order_by("pk").values_list("signals", "reason")) == [
        (2, ""),
        (1, "2 events of this post came before; each counts once."),
        (0, "A post with this id came before; it counts once."),
    ]
    assert intake.BATCH >= intake.TURN


def test_large_bodies_are_not_taken_in_hand_by_the_hundred(monkeypatch):
    door = make.integration("generic")
    for n in range(6):
        make.arrive(door, json.dumps({"id": f"a{n}", "body": "x" * 1_000}).encode())
    monkeypatch.setattr(intake, "BODIES", 2_500)
    held = []
    read = intake.read_posts
    monkeypatch.setattr(intake, "read_posts", lambda rows, *rest: held.append(len(rows)) or read(rows, *rest))
    drain()
    assert (max(held), RawDelivery.objects.filter(state="received").count()) == (2, 0)


def test_what_comes_while_the_last_posts_are_read_is_left_to_its_own_ring(monkeypatch):
    door = make.integration("generic")
    for n in range(3):
        make.arrive(door, json.dumps({"id": f"a{n}"}).encode())
    late = [b'{"id": "late"}']
    read = intake.read_posts

    def meanwhile(rows, *rest):
        if late:
            make.arrive(door, late.pop())
        return read(rows, *rest)

    monkeypatch.setattr(intake, "read_posts", meanwhile)

    assert [tick(NOW), tick(NOW), tick(NOW)] == [3, 1, 0]


def test_one_round_reads_all_that_waited_however_little_fits_in_a_turn(monkeypatch):
    door, other = make.integration("generic"), make.integration("generic")
    monkeypatch.setattr(intake, "TURN", 2)
    for n in range(5):
        make.arrive(door, json.dumps({"id": f"a{n}"}).encode())
    make.arrive(other, b'{"id": "b"}')

    assert tick(NOW) == 6
