"""Who would be called: what the simulator says is what a real run does."""

import pytest
from django.urls import reverse

from rotas.models import Call, EscalationRun, PolicyStep
from rotas.queries.simulate import simulate
from tests import make
from tests.make import NOW
from tests.rotas.make import MINUTE, policy, rota
from tests.rotas.test_escalation_in_full import SATURDAY, begin, change, office_hours_service, tick

pytestmark = pytest.mark.django_db


def test_it_says_what_a_real_run_does(amina, brian):
    chege = make.user(name="Chege")
    walked = policy(rota(amina), [brian, chege], chege, wait=7, repeats=1, is_default=True)
    change(walked, 2, severities=["SEV1", "SEV2"])
    found = simulate(make.service(), "SEV3", NOW)
    incident, run = begin(walked, severity="SEV3")
    for minute in range(60):
        tick(minute)
    real = [
        (call.at, str(call.user))
        for call in Call.objects.filter(run=run, user__isnull=False).order_by("at", "pk")
    ]
    assert [(step.at, str(each.user)) for step in found.steps for each in step.reached] == real
    run.refresh_from_db()
    assert (run.state, found.ends_at) == ("exhausted", run.ended_at)
    assert incident.severity == "SEV3"


def test_by_hours_and_by_what(amina, brian):
    walked = policy(amina, brian, is_default=True)
    change(walked, 1, hours="open")
    found = simulate(office_hours_service(), "SEV2", SATURDAY)
    assert found.is_open is False
    assert [bool(step.passed_over) for step in found.steps] == [True, False]
    assert [way.channel for way in found.steps[1].reached[0].ways] == ["in_app", "email"]


def test_no_policy_and_nobody(amina):
    assert simulate(make.service(), "SEV2", NOW).policy is None
    policy(rota(), is_default=True)
    assert simulate(make.service(), "SEV2", NOW).finds_nobody


def test_it_follows_into_another_policy_and_ends(amina, brian):
    first, second = policy(amina, is_default=True, name="One"), policy(brian, name="Two")
    PolicyStep.objects.filter(policy=first).update(then_policy=second)
    PolicyStep.objects.filter(policy=second).update(then_policy=first)
    found = simulate(make.service(), "SEV2", NOW)
    assert [(step.policy, str(step.reached[0].user)) for step in found.steps] == [
        ("One", "Amina"),
        ("Two", "Brian"),
    ]
    assert found.ends_at == NOW + 10 * MINUTE


def test_nothing_is_written(amina):
    policy(amina, is_default=True)
    simulate(make.service(), "SEV2", NOW)
    assert not EscalationRun.objects.exists()


def test_the_page_walks_it_on_any_clock(client, amina, brian):
    policy(amina, brian, is_default=True)
    service = make.service(name="Fraud score")
    client.force_login(brian)
    page = client.get(reverse("rotas:simulator"))
    assert page.status_code == 200
    asked = {
        "service": service.slug,
        "severity": "SEV2",
        "at": "2026-03-08T03:00",
        "zone": "Africa/Nairobi",
        "alerts": 1,
    }
    page = client.get(reverse("rotas:simulator"), asked)
    assert page.status_code == 200
    assert "Amina" in page.content.decode()
    for wrong in ({"zone": "Mars"}, {"at": "soon"}, {"service": "none"}, {"severity": "SEV9"}, {"alerts": 0}):
        assert client.get(reverse("rotas:simulator"), {**asked, **wrong}).status_code == 400
