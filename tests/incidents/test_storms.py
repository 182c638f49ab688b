"""A storm on a service: one incident, one page, a line a minute, and a word when it is over."""

import json
from datetime import timedelta

import pytest
from django.db import transaction

from core.types import person
from incidents.domain import intake, lifecycle
from incidents.domain.storms import next_word
from incidents.models import Incident
from monitoring.domain.intake import tick as fold
from monitoring.models import Alert, AlertChange, ServiceStorm
from monitoring.queries.storms import Felt
from notifications.models import Message
from rotas.domain import escalation
from tests import make
from tests.make import NOW
from tests.monitoring.make import arrive, integration

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def words(n, *, alerts=0, fresh=0, told=NOW, counted=(10, 5), last=NOW):
    return next_word(Felt(*counted, last), alerts=alerts, fresh=fresh, told_at=told, now=NOW + n * MINUTE)


@pytest.mark.parametrize(
    ("word", "kind", "told"),
    [
        (words(0.5), "nothing", 0),
        (words(1), "more", 10),
        (words(1, alerts=4, fresh=2), "more", 6),
        (words(1, alerts=4, fresh=5), "nothing", 0),
        (words(10, alerts=4, fresh=5, last=NOW + 10 * MINUTE), "more", 6),
        (words(2), "over", 10),
        (words(0, last=None), "over", 10),
    ],
)
def test_what_a_storm_says(word, kind, told):
    assert (word.kind, word.alerts) == (kind, told)


class Storm:
    """A service whose integration bears ten alerts a minute, and somebody on call."""

    def __init__(self, **service):
        self.anna = make.user(name="Anna")
        make.policy(self.anna)
        self.service = make.service(slug="fraud-scoring", **service)
        self.door = integration("generic")
        self.door.rate = 10
        self.door.save()

    def come(self, count, prefix, at, **fields):
        """So many new alerts in one post, worked at once."""
        alerts = [{"id": f"{prefix}-{n}", "service": "fraud-scoring", **fields} for n in range(count)]
        arrive(self.door, json.dumps({"alerts": alerts}).encode(), at=at)
        self.work(at)

    def fold(self, count, prefix, at, **fields):
        """So many come, and wait for the incidents engine."""
        alerts = [{"id": f"{prefix}-{n}", "service": "fraud-scoring", **fields} for n in range(count)]
        arrive(self.door, json.dumps({"alerts": alerts}).encode(), at=at)
        while fold(at):
            pass

    def work(self, at):
        while fold(at):
            pass
        while intake.tick(at):
            pass
        while escalation.tick(at):
            pass

    def lines(self):
        entries = Incident.objects.get().entries.filter(kind="alert", data__has_key="storm")
        return list(entries.order_by("pk").values_list("text", flat=True))


def test_hundreds_of_alerts_are_one_incident_one_page_and_few_lines():
    storm = Storm()

    for second in range(0, 60, 15):
        storm.come(25, f"s{second}", NOW + second * SECOND)
    storm.work(NOW + 70 * SECOND)

    incident = Incident.objects.get()
    assert incident.alert_links.count() == 100
    assert Message.objects.filter(kind="incident.page", channel="in_app").count() == 1
    assert storm.lines() == [
        "A storm: more than 10 alerts a minute. From here they are counted, not listed.",
        "90 alerts more, 90 of them new",
    ]
    # ten were listed one by one before it was a storm
    assert incident.entries.filter(kind="alert").count() == 12


def test_it_speaks_once_a_minute_at_most_and_says_once_that_it_is_over():
    storm = Storm()
    for second in range(0, 181, 20):
        storm.come(12, f"s{second}", NOW + second * SECOND)
    for second in range(200, 600, 20):
        storm.work(NOW + second * SECOND)

    assert storm.lines() == [
        "A storm: more than 10 alerts a minute. From here they are counted, not listed.",
        "38 alerts more, 38 of them new",
        "36 alerts more, 36 of them new",
        "36 alerts more, 36 of them new",
        "The storm is over: 110 alerts in 5 min, 110 of them new",
    ]
    assert ServiceStorm.objects.get().ended_at == NOW + 300 * SECOND


def test_repeats_are_told_every_ten_minutes_only():
    storm = Storm()
    storm.come(12, "s", NOW)
    for minute in range(1, 12):
        storm.come(12, "s", NOW + minute * MINUTE)

    assert storm.lines() == [
        "A storm: more than 10 alerts a minute. From here they are counted, not listed.",
        "14 alerts more, 2 of them new",
        "120 alerts more, 0 of them new",
    ]


def test_new_alerts_join_the_storm_s_incident_whatever_the_join_window(settings):
    settings.MAINSTAY_JOIN_WINDOW_MINUTES = 1
    storm = Storm()
    storm.come(12, "s", NOW)
    for minute in range(1, 6):
        storm.come(11, "s", NOW + minute * MINUTE)
    storm.come(12, "new", NOW + 6 * MINUTE)

    assert Incident.objects.get().alert_links.count() == 24


def test_new_trouble_after_somebody_ended_the_incident_is_a_new_incident_of_the_same_storm():
    storm = Storm()
    storm.come(12, "s", NOW)
    lifecycle.resolve(Incident.objects.get(), actor=person(storm.anna), now=NOW, resolution="fixed")

    storm.come(5, "t", NOW + 30 * SECOND)

    newest = Incident.objects.order_by("-pk").first()
    assert (Incident.objects.count(), newest.state, newest.alert_links.count()) == (2, "new", 5)
    assert ServiceStorm.objects.get().incident_id == newest.pk


def test_a_lull_in_a_storm_ends_nothing_but_its_end_does():
    storm = Storm(auto_resolve=True)
    storm.come(12, "s", NOW)
    storm.come(12, "s", NOW + 20 * SECOND, status="resolved")
    assert Incident.objects.get().state == "new"

    storm.come(12, "s", NOW + 40 * SECOND)
    storm.come(12, "s", NOW + 50 * SECOND, status="resolved")
    storm.work(NOW + 10 * MINUTE)

    incident = Incident.objects.get()
    assert (incident.state, incident.resolution, incident.reopened_count) == ("resolved", "self_healed", 0)
    assert Message.objects.filter(kind="incident.page", channel="in_app").count() == 1


def test_a_storm_of_ends_ends_the_incident_once_it_is_over():
    storm = Storm(auto_resolve=True)
    for minute in range(3):
        storm.come(10, f"m{minute}", NOW + minute * MINUTE)

    storm.come(10, "m0", NOW + 9 * MINUTE, status="resolved")
    storm.come(10, "m1", NOW + 9 * MINUTE, status="resolved")
    storm.come(10, "m2", NOW + 9 * MINUTE, status="resolved")
    storm.work(NOW + 12 * MINUTE)

    assert Incident.objects.get().state == "resolved"


def test_a_busy_incident_is_left_for_the_next_tick(monkeypatch):
    storm = Storm()
    storm.come(12, "s", NOW)
    with monkeypatch.context() as busy:
        busy.setattr("incidents.domain.storms.lock_if_free", lambda pk: None)
        storm.work(NOW + 10 * MINUTE)
    assert ServiceStorm.objects.get().ended_at is None

    storm.work(NOW + 10 * MINUTE)

    assert ServiceStorm.objects.get().ended_at == NOW + 10 * MINUTE


def outcome():
    """What a reader finds, without numbers that depend on how often tests ran."""
    incidents = list(Incident.objects.order_by("pk"))
    return [
        (
            incident.state,
            incident.severity,
            sorted(incident.alert_links.values_list("alert__identity", flat=True)),
            list(incident.entries.order_by("pk").values_list("kind", "text")),
        )
        for incident in incidents
    ], AlertChange.objects.filter(handled_at__isnull=True).count()


def history(storm):
    """A storm of all that there is: worse ones, ends, blind ones, and alerts of an incident that another service had."""
    other = make.service(slug="drift", owning_team=storm.service.owning_team)
    arrive(storm.door, json.dumps({"alerts": [{"id": "s-3", "service": "drift"}]}).encode(), at=NOW)
    storm.work(NOW)
    storm.come(14, "s", NOW + SECOND, severity="warning")
    storm.come(5, "i", NOW + 2 * SECOND, severity="info")
    storm.come(30, "t", NOW + 3 * SECOND, severity="warning")
    storm.come(20, "s", NOW + 30 * SECOND, severity="critical")
    storm.come(9, "t", NOW + 40 * SECOND, status="resolved")
    storm.come(6, "t", NOW + 50 * SECOND, status="no_data")
    storm.come(9, "t", NOW + 55 * SECOND, severity="critical")
    assert other.pk != storm.service.pk


def test_a_storm_in_sets_is_a_storm_one_by_one(monkeypatch):
    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        with monkeypatch.context() as single:
            for together in ("_in_storm", "_joining"):
                single.setattr(intake, together, lambda lane, now: (0, False))
            history(Storm(auto_resolve=True))
            one_by_one = outcome()
        raise Undo
    monkeypatch.setattr(intake, "CROWD", 1)
    history(Storm(auto_resolve=True))
    assert outcome() == one_by_one
    incidents, waiting = one_by_one
    assert (len(incidents[-1][2]), waiting) == (49, 0)


def test_five_hundred_of_a_storm_are_no_more_work_than_fifty(django_assert_max_num_queries):
    storm = Storm()
    storm.come(30, "s", NOW)
    storm.fold(500, "t", NOW + SECOND)
    with django_assert_max_num_queries(30):
        assert intake.tick(NOW + SECOND) == 500
    assert Incident.objects.get().alert_links.count() == 530


def test_where_a_set_fails_its_transitions_have_their_turns_one_by_one(monkeypatch):
    storm = Storm()
    storm.come(12, "s", NOW)
    monkeypatch.setattr(intake.crowds, "in_storm", lambda *_: 1 / 0)
    storm.come(5, "t", NOW + SECOND)
    assert Incident.objects.get().alert_links.count() == 17


def test_what_is_no_part_of_a_storm_has_its_turn_beside_it():
    """Alerts that went blind stand before hundreds of the storm, which would else come first for as long as it lasts."""
    storm = Storm()
    storm.come(30, "s", NOW)
    storm.fold(12, "s", NOW + SECOND, status="no_data")
    storm.fold(700, "t", NOW + SECOND)
    assert intake.tick(NOW + SECOND) > 500
    handled = AlertChange.objects.filter(kind="no_data", handled_at__isnull=False)
    assert handled.count() >= 1
    storm.work(NOW + SECOND)
    assert AlertChange.objects.filter(handled_at__isnull=True).count() == 0


def test_an_alert_is_as_severe_as_its_own_service_says():
    storm = Storm()
    storm.service.tier = 3
    storm.service.save()
    storm.come(12, "s", NOW, severity="critical")
    assert Incident.objects.get().severity == "SEV3"
    moved = Alert.objects.get(identity="s-0")
    moved.service = make.service(tier=1, owning_team=storm.service.owning_team)
    moved.save()
    refired = make.change(moved, "refired", coalesced=True)
    intake.joining.fired(refired, moved.service, NOW + SECOND)
    assert Incident.objects.get().severity == "SEV1"


def test_alerts_that_only_join_do_so_many_at_a_time(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(intake, "CROWD", 20)
    storm = Storm()
    storm.door.rate = 1_000
    storm.door.save()
    storm.fold(1, "first", NOW)
    intake.tick(NOW)
    storm.fold(60, "s", NOW + SECOND, severity="warning")
    storm.fold(40, "t", NOW + 2 * SECOND, severity="critical")
    with django_assert_max_num_queries(60):
        assert intake.tick(NOW + 2 * SECOND) == 100
    incident = Incident.objects.get()
    lines = incident.entries.filter(kind="alert")
    assert (incident.alert_links.count(), lines.count(), incident.severity) == (101, 101, "SEV1")
    assert lines.filter(text__endswith=": fired and joined").count() == 100
