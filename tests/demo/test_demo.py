"""The demo organisation stands after one run, and a second run leaves it alone."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client as Browser

from accounts.models import Team, User
from config.demo import DEMO_LEAD, DEMO_PASSWORD
from core import calendars, clock
from incidents.choices import OPEN_STATES
from incidents.models import Clock, Entry, Incident, IncidentAlert, PartyInterval
from incidents.queries.visible import incidents_visible_to
from monitoring.models import Alert, AlertChange, Integration
from notifications.models import Message
from rotas.models import Call, EscalationRun, Rota
from rotas.queries.oncall import final
from services.domain.promise import intervals
from services.models import Agreement, BusinessCalendar, Client, Service
from services.queries.hours import from_json

pytestmark = pytest.mark.django_db

MODELS = [
    User, Team, Client, Service, Agreement, BusinessCalendar, Rota, Incident, Clock, Entry, PartyInterval,
    Alert, AlertChange, IncidentAlert, Integration, EscalationRun, Call, Message,
]  # fmt: skip


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Loaded once for all tests of this file, in a transaction that is rolled back after the last of them."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            call_command("demo", "--force", stdout=StringIO())
            yield clock.now()
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


def test_the_organisation_has_the_promised_size(demo):
    counts = {
        model.__name__: model.objects.count() for model in (User, Team, Client, Service, Rota, Integration)
    }

    assert counts == {"User": 18, "Team": 5, "Client": 4, "Service": 12, "Rota": 3, "Integration": 3}


def test_four_months_of_ended_incidents_and_nine_open_ones(demo):
    open_now = Incident.objects.filter(state__in=OPEN_STATES)
    ended = Incident.objects.exclude(state__in=OPEN_STATES)

    assert open_now.count() == 9
    assert 450 <= ended.count() <= 600
    assert ended.earliest("opened_at").opened_at < demo - timedelta(days=110)


def test_a_second_run_changes_nothing(demo):
    before = {model.__name__: model.objects.count() for model in MODELS}
    newest = Incident.objects.order_by("pk").values_list("pk", "version")
    versions = list(newest)
    out = StringIO()

    call_command("demo", "--force", stdout=out)

    assert {model.__name__: model.objects.count() for model in MODELS} == before
    assert list(newest.all()) == versions
    assert "nothing changed" in out.getvalue()


def test_due_times_of_the_history_agree_with_their_stamped_hours(demo):
    clocks = list(Clock.objects.filter(state="met").order_by("pk"))

    wrong = [
        clock_.pk
        for clock_ in clocks
        if calendars.add(
            from_json(clock_.hours), clock_.started_at, clock_.target_seconds, intervals(clock_.pauses, demo)
        )
        != clock_.due_at
    ]

    assert len(clocks) > 900
    assert wrong == []


def test_a_promise_is_breached_exactly_when_it_was_kept_late(demo):
    for met in Clock.objects.filter(state="met"):
        assert (met.breached_at is not None) == (met.met_at >= met.due_at)


def test_some_promises_are_broken_and_most_are_kept(demo):
    met = Clock.objects.filter(state="met")
    broken = met.filter(breached_at__isnull=False).count()

    assert 0.02 < broken / met.count() < 0.25


def test_somebody_is_on_call_at_every_minute_of_the_last_month_and_the_next_week(demo):
    for rota in Rota.objects.all():
        gaps = [c for c in final(rota, demo - timedelta(days=30), demo + timedelta(days=7)) if not c.users]
        assert gaps == []


def test_history_calls_nobody_and_leaves_nothing_for_the_engines(demo):
    ended = Incident.objects.exclude(state__in=OPEN_STATES).values("pk")

    assert Message.objects.filter(about_ref__in=[f"INC-{row['pk']}" for row in ended]).count() == 0
    assert AlertChange.objects.filter(handled_at__isnull=True).count() == 0
    assert EscalationRun.objects.filter(state="running").count() == 1


def test_the_unacknowledged_one_is_four_minutes_old(demo):
    new = Incident.objects.get(state="new")

    assert (new.service.slug, new.severity) == ("feature-store", "SEV2")
    assert new.owner is None


def test_the_client_sees_their_bank_only(demo):
    client = User.objects.get(email="client@demo.mainstay")

    seen = set(incidents_visible_to(client).values_list("service__client__slug", flat=True))

    assert seen == {"lumen-bank"}


def test_the_printed_password_opens_the_door(demo):
    assert Browser().login(username=DEMO_LEAD, password=DEMO_PASSWORD)


def test_somebody_elses_database_is_left_alone(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/production")
    monkeypatch.delenv("MAINSTAY_DEMO", raising=False)

    with pytest.raises(CommandError, match="--force"):
        call_command("demo", stdout=StringIO())
