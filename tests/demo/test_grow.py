"""History grown for benchmarks is as good as any: it holds together, is found, is read, and calls nobody."""

from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import Count, F, Q
from django.urls import reverse

from accounts.models import User
from config.demo import DEMO_LEAD
from config.grow.tables import TABLES
from core import calendars, clock
from core.engines import ENGINES
from core.search import normalise
from incidents.choices import OPEN_STATES
from incidents.domain import clocks
from incidents.domain import intake as incident_intake
from incidents.models import Clock, Entry, Incident, IncidentAlert, PartyInterval
from monitoring.domain import burn
from monitoring.models import Alert, AlertChange, AlertOccurrence
from notifications.domain.claims import claim
from notifications.models import Message
from rotas.domain import escalation
from services.domain.promise import intervals
from services.models import Service
from services.queries.hours import from_json

pytestmark = pytest.mark.django_db
ASKED = 240


@pytest.fixture(scope="module")
def grown(django_db_setup, django_db_blocker):
    """The demo and ASKED more, grown in two goes, in a transaction that is rolled back after the last test."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            call_command("demo", "--force", stdout=StringIO())
            before = Incident.objects.latest("pk").pk
            grow(160, "--open", "20", "--long", "1")
            grow(80, "--open", "4", "--armed", "6")
            yield Incident.objects.filter(pk__gt=before)
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


def grow(count: int, *options: str) -> str:
    out = StringIO()
    call_command("grow", str(count), "--force", *options, stdout=out)
    return out.getvalue()


def test_as_many_as_asked_for_and_a_bounded_number_of_them_open(grown):
    opened = grown.filter(state__in=OPEN_STATES)

    assert grown.count() == ASKED + 6
    assert opened.count() == 20 + 1 + 4 + 6
    assert set(opened.values_list("state", flat=True)) == {
        "new", "acknowledged", "investigating", "on_hold", "mitigated"
    }  # fmt: skip


def test_nearly_all_that_has_ended_is_closed_and_reaches_years_back(grown):
    ended = grown.exclude(state__in=OPEN_STATES)
    now = clock.now()

    assert ended.filter(state="resolved").count() < 5
    assert ended.earliest("opened_at").opened_at < now - timedelta(days=4 * 365)
    assert ended.filter(opened_at__gt=now - timedelta(days=90)).exists()
    assert ended.values("service").distinct().count() == 12


def test_every_reference_leads_somewhere(grown):
    """Foreign keys were not checked while writing; now they are."""
    lost = {}
    for table in TABLES:
        for field in table.model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                target = field.related_model.objects.values(field.target_field.attname)
                rows = table.model.objects.exclude(**{f"{field.attname}__isnull": True})
                lost[f"{table.model.__name__}.{field.name}"] = rows.exclude(
                    **{f"{field.attname}__in": target}
                ).count()

    assert lost["Entry.incident"] == 0
    assert {name: count for name, count in lost.items() if count} == {}


def test_timelines_are_in_order_and_end_with_what_the_incident_says(grown):
    entries = Entry.objects.filter(incident__in=grown)

    assert entries.filter(happened_at__lt=F("incident__opened_at")).count() == 0
    for incident in grown.prefetch_related("entries"):
        told = list(incident.entries.all())
        assert told[0].kind == "opened"
        assert (told[-1].text[:200], told[-1].happened_at) == (incident.last_entry, incident.last_entry_at)
        said = [entry.data["state"] for entry in told if entry.kind == "state"]
        assert (said[-1] if said else "new") == incident.state


def test_somebody_holds_the_work_all_the_time(grown):
    for incident in grown.prefetch_related("party_intervals"):
        held = list(incident.party_intervals.all())
        assert held[0].starts_at == incident.opened_at
        assert all(one.ends_at == other.starts_at for one, other in pairwise(held))
        assert (held[-1].ends_at is None) == (incident.state in OPEN_STATES)


def test_due_times_agree_with_the_stamped_hours(grown):
    now = clock.now()
    wrong = [
        each.pk
        for each in Clock.objects.filter(incident__in=grown)
        if calendars.add(
            from_json(each.hours), each.started_at, each.target_seconds, intervals(each.pauses, now)
        )
        != each.due_at
        and each.state != "paused"
    ]

    assert Clock.objects.filter(incident__in=grown).count() > 2 * ASKED * 0.9
    assert wrong == []


def test_a_promise_is_broken_exactly_when_it_is_late(grown):
    met = Clock.objects.filter(incident__in=grown, state="met")

    assert met.filter(breached_at__isnull=True, met_at__gte=F("due_at")).count() == 0
    assert met.filter(breached_at__isnull=False, met_at__lt=F("due_at")).count() == 0
    assert met.filter(breached_at__isnull=False).exists()


def test_the_search_column_is_what_a_verb_would_have_written(grown):
    wrong = []
    with connection.cursor() as cursor:
        for incident in grown.select_related("service__client"):
            service = incident.service
            known = f"{incident.ref} {incident.title} {service.slug} {service.name} {service.client_name}"
            cursor.execute(
                "SELECT search = to_tsvector('simple', %s) FROM incidents_incident WHERE id = %s",
                [normalise(known), incident.pk],
            )
            wrong += [] if cursor.fetchone()[0] else [incident.title]

    assert wrong == []


def test_alerts_belong_to_their_incident_and_say_how_they_are(grown):
    alerts = Alert.objects.filter(incident_links__incident__in=grown)
    firing = alerts.filter(status="firing")

    assert alerts.exclude(service=F("incident_links__incident__service")).count() == 0
    assert firing.exclude(incident_links__incident__state__in=OPEN_STATES).count() == 0
    assert firing.filter(ends_at__isnull=False).count() == 0
    assert firing.count() >= 200
    readings = AlertOccurrence.objects.filter(alert_id__in=alerts.values("pk"))
    assert readings.exists()
    assert readings.filter(expires_at__lt=clock.now()).count() == 0


def test_the_long_one_has_two_thousand_lines_and_two_hundred_alerts(grown):
    (longest,) = grown.annotate(n=Count("entries")).filter(n__gt=100)

    assert (longest.n, IncidentAlert.objects.filter(incident=longest).count()) == (2_000, 200)


def test_nothing_is_due_but_what_was_armed(grown):
    armed = Clock.objects.filter(incident__in=grown, next_at__isnull=False)
    now = clock.now()

    assert armed.count() == 6
    assert armed.filter(Q(next_at__lte=now) | ~Q(next_at=F("due_at"))).count() == 0
    assert AlertChange.objects.filter(handled_at__isnull=True).count() == 0
    burn.tick(now)  # objectives of the demo are looked at every minute
    waiting = {name: engine.waiting(now).due for name, engine in ENGINES.items() if engine.waiting}
    assert {
        name: due for name, due in waiting.items() if due and name not in {"escalation", "delivery"}
    } == {}


def test_the_engines_stay_silent(grown):
    """Ticking until nothing is left calls nobody about any of them."""
    now = clock.now()
    with transaction.atomic():
        for _ in range(3):
            clocks.tick(now), incident_intake.tick(now), escalation.tick(now), claim(now, 50)
        about = [f"INC-{pk}" for pk in grown.values_list("pk", flat=True)]
        told, lines = Message.objects.filter(about_ref__in=about).count(), grown.filter(version__gt=1).count()
        transaction.set_rollback(True)

    assert (told, lines) == (0, 0)


def test_an_armed_clock_breaks_in_its_time(grown):
    armed = Clock.objects.filter(incident__in=grown, next_at__isnull=False)
    due = armed.earliest("next_at")
    with transaction.atomic():
        before = set(armed.values_list("pk", flat=True))
        clocks.tick(due.next_at)
        worked = before - set(armed.values_list("pk", flat=True))
        broken = Clock.objects.get(pk=due.pk).breached_at
        transaction.set_rollback(True)

    assert (worked, broken) == ({due.pk}, due.due_at)


def test_new_rows_get_keys_beyond_what_was_grown(grown):
    with connection.cursor() as cursor:
        for model in (Incident, Alert, Entry, Clock, PartyInterval):
            cursor.execute(f"SELECT nextval(pg_get_serial_sequence('{model._meta.db_table}', 'id'))")
            assert cursor.fetchone()[0] > model.objects.latest("pk").pk


def test_pages_draw_every_kind_of_grown_incident(grown, client):
    client.force_login(User.objects.get(email=DEMO_LEAD))
    by_state = {incident.state: incident for incident in grown.order_by("pk")}
    longest = grown.annotate(n=Count("entries")).latest("n")

    assert set(by_state) >= {"closed", "new", "on_hold", "cancelled"}
    for incident in [*by_state.values(), longest]:
        assert incident.title in client.get(f"/incidents/{incident.ref}/").content.decode().replace(
            "&#x27;", "'"
        )
    for name in ("reporting:room", "incidents:board", "monitoring:alerts", "reporting:numbers"):
        assert client.get(reverse(name)).status_code == 200


def test_somebody_elses_database_is_left_alone(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/production")
    monkeypatch.delenv("MAINSTAY_DEMO", raising=False)

    with pytest.raises(CommandError, match="--force"):
        call_command("grow", "10", stdout=StringIO())


def test_without_the_demo_nothing_grows(grown):
    Service.objects.filter(slug="label-join").update(slug="renamed")

    with pytest.raises(CommandError, match=r"manage\.py demo"):
        grow(10)


@pytest.mark.parametrize(
    "options",
    [("10", "--open", "11"), ("10", "--years", "0"), ("10", "--armed", "1", "--armed-over", "86400")],
)
def test_what_makes_no_sense_is_refused(options):
    with pytest.raises(CommandError):
        call_command("grow", *options, "--force", stdout=StringIO())
