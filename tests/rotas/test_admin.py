"""Shaping rotas and policies in the admin."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from rotas.models import EscalationPolicy, EscalationRun, Layer, LayerMember
from tests import make
from tests.rotas.make import layer, policy, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    client.force_login(make.user("lead"))
    return client


def empty(*prefixes):
    """Management fields of inlines without rows."""
    return {
        f"{prefix}-{name}": value
        for prefix in prefixes
        for name, value in (
            ("TOTAL_FORMS", 0),
            ("INITIAL_FORMS", 0),
            ("MIN_NUM_FORMS", 0),
            ("MAX_NUM_FORMS", 1000),
        )
    }


def layer_fields(made, **fields):
    return {
        "rota": made.pk,
        "name": "Kathmandu",
        "priority": 0,
        "zone": "Asia/Kathmandu",
        "unit": "weekly",
        "length": 1,
        "turns": "anchor",
        "anchor": "2026-03-02T06:45",
        **empty("members", "windows"),
        **fields,
    }


def test_a_layers_hand_over_is_typed_as_its_own_clocks_show_it(browser):
    made, person = rota(), make.user()
    answer = browser.post(
        reverse("admin:rotas_layer_add"),
        layer_fields(
            made,
            **{
                "members-TOTAL_FORMS": 1,
                "members-0-turn": 0,
                "members-0-user": person.pk,
                "windows-TOTAL_FORMS": 1,
                "windows-0-weekdays": ["0", "1", "2"],
                "windows-0-start": "06:45",
                "windows-0-end": "14:45",
            },
        ),
    )
    assert answer.status_code == 302
    row = Layer.objects.get()
    assert row.anchor == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert (row.members.get().user, row.windows.get().weekdays) == (person, [0, 1, 2])
    assert AuditEntry.objects.filter(action="admin.add", subject_kind="layer").count() == 1
    page = browser.get(reverse("admin:rotas_layer_change", args=[row.pk]))
    assert 'value="2026-03-02T06:45"' in page.content.decode()


def test_members_who_cant_be_on_call_are_refused_with_the_reason(browser):
    stakeholder = make.user("stakeholder", name="Carmen")
    fields = {"members-TOTAL_FORMS": 1, "members-0-turn": 0, "members-0-user": stakeholder.pk}
    page = browser.post(reverse("admin:rotas_layer_add"), layer_fields(rota(), **fields))
    assert "Carmen can&#x27;t be on call" in page.content.decode()
    assert not LayerMember.objects.exists()


def test_a_zone_that_does_not_exist_is_said(browser):
    page = browser.post(reverse("admin:rotas_layer_add"), layer_fields(rota(), zone="Asia/Everest"))
    assert "Asia/Everest&#x27; is not an IANA time zone" in page.content.decode()


@pytest.mark.parametrize("kind", ["on_call", "person", "team_lead"])
def test_a_target_names_exactly_what_its_kind_says(browser, kind):
    made, person, team = rota(), make.user(), make.team()
    step = policy(person).steps.get()
    step.targets.all().delete()
    field = {"on_call": "rota", "person": "user", "team_lead": "team"}[kind]
    known = {"rota": made.pk, "user": person.pk, "team": team.pk}
    url = reverse("admin:rotas_policystep_change", args=[step.pk])
    fields = {
        "policy": step.policy_id,
        "position": 1,
        "wait_minutes": 5,
        **empty("targets"),
        "targets-TOTAL_FORMS": 1,
        "targets-0-step": step.pk,
        "targets-0-kind": kind,
    }
    page = browser.post(
        url, {**fields, **{f"targets-0-{name}": key for name, key in known.items()}}
    ).content.decode()
    assert page.count("Leave it empty: the step calls") == 2
    assert "Choose it: the step calls" in browser.post(url, fields).content.decode()
    assert browser.post(url, {**fields, f"targets-0-{field}": known[field]}).status_code == 302
    assert step.targets.get().kind == kind


def test_there_is_one_default_policy(browser):
    first, second = policy(name="First", is_default=True), policy(name="Second")
    fields = {"name": "Second", "slug": second.slug, "repeats": 1, "is_default": "on", **empty("steps")}
    page = browser.post(reverse("admin:rotas_escalationpolicy_change", args=[second.pk]), fields)
    assert "First is the default already. Take it off there first." in page.content.decode()
    assert EscalationPolicy.objects.get(is_default=True) == first


def test_every_list_and_page_of_the_admin_opens(browser, cases):
    made = rota(make.user())
    walked = policy(made)
    run = EscalationRun.objects.create(
        subject_kind="case", subject_id=1, policy=walked, terms={}, started_at=make.NOW, next_at=make.NOW
    )
    run.calls.create(round=0, step=0, outcome="nobody", at=make.NOW)
    pages = [
        ("rota", made),
        ("layer", layer(made, make.user())),
        ("escalationpolicy", walked),
        ("policystep", walked.steps.get()),
        ("escalationrun", run),
        ("override", None),
        ("policyassignment", walked.assignments.create(severity="SEV1")),
    ]
    for name, row in pages:
        assert browser.get(reverse(f"admin:rotas_{name}_changelist"), {"q": "x"}).status_code == 200
        if row is not None:
            assert browser.get(reverse(f"admin:rotas_{name}_change", args=[row.pk])).status_code == 200


def test_what_ran_is_only_to_be_looked_at_and_a_rota_is_never_deleted(browser):
    made = rota()
    assert browser.get(reverse("admin:rotas_escalationrun_add")).status_code == 403
    assert browser.get(reverse("admin:rotas_rota_delete", args=[made.pk])).status_code == 403


def test_responders_have_no_admin(client):
    client.force_login(make.user())
    assert client.get(reverse("admin:rotas_rota_changelist")).status_code in (302, 403)
