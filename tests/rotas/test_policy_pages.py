"""The pages of policies: who is called right now by each step, by what, and for what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from notifications.models import PersonalRule
from rotas.models import PolicyAssignment, PolicyStep, StepTarget
from rotas.queries.policies import policies_now, policy_used, service_to_try
from services.models import Service
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, MINUTE, layer, override, policy, rota

pytestmark = pytest.mark.django_db


def page(client, name, *args) -> str:
    answer = client.get(reverse(f"rotas:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def now_of(walked):
    return policies_now([policy_used(walked.slug)], NOW)[0]


def names(step) -> list[list[str]]:
    return [[str(each.user) for each in target.reached] for target in step.targets]


def test_each_target_says_who_it_is_now_and_by_what(amina, brian):
    chege, dalia = make.user(name="Chege"), make.user(name="Dalia")
    nights = rota(amina, brian, name="Nights")
    override(nights, NOW - HOUR, NOW + HOUR, user=chege, replaces=amina)
    walked = policy([nights, dalia], make.team(lead=brian), wait=7)
    StepTarget.objects.create(step=walked.steps.get(position=2), kind="next_on_call", rota=nights)
    PersonalRule.objects.create(user=chege, channel="email", urgency="urgent", position=1, delay_minutes=5)
    found = now_of(walked)
    assert [names(step) for step in found.steps] == [[["Chege"], ["Dalia"]], [["Brian"], ["Amina"]]]
    assert found.steps[0].targets[0].reached[0].by == "Inbox, E-mail after 5 min"
    assert [step.after for step in found.steps] == [0 * MINUTE, 7 * MINUTE]
    assert found.walk == 14 * MINUTE


def test_what_finds_nobody_says_why_and_who_stands_in(amina, brian):
    walked = policy(rota(name="Nights"), amina)
    amina.is_active = False
    amina.save()
    found = now_of(walked)
    assert [step.targets[0].missing for step in found.steps] == [
        "nobody is on call of Nights",
        "Amina is not active any more",
    ]
    assert found.is_lame
    walked.fallback = brian
    walked.save()
    assert (now_of(walked).is_lame, now_of(walked).fallback.user) == (False, brian)


def test_an_owner_is_nobody_that_is_missing(amina):
    walked = policy(amina)
    StepTarget.objects.create(step=walked.steps.get(), kind="owner")
    owned = policy(amina)
    StepTarget.objects.filter(step__policy=owned).update(kind="owner", user=None)
    assert not now_of(owned).is_lame
    found = now_of(walked)
    assert (found.is_lame, found.steps[0].targets[1].missing, found.steps[0].targets[1].is_owner) == (
        False,
        "",
        True,
    )


def test_a_step_that_finds_somebody_is_not_lame_for_one_that_is_missing(amina):
    walked = policy([amina, rota(name="Nights")])
    found = now_of(walked)
    assert (found.is_lame, found.steps[0].finds_nobody) == (False, False)
    assert found.steps[0].targets[1].missing == "nobody is on call of Nights"


def test_conditions_are_words(amina, brian):
    engineering = policy(brian, name="Engineering")
    walked = policy(amina, amina, amina, repeats=2, repage_minutes=30, name="Support")
    steps = list(walked.steps.all())
    PolicyStep.objects.filter(pk=steps[0].pk).update(
        severities=["SEV1", "SEV2"], hours="open", round_robin=True
    )
    PolicyStep.objects.filter(pk=steps[1].pk).update(
        hours="closed", alerts_more_than=3, alerts_within_minutes=15, waits_for_hours=True
    )
    PolicyStep.objects.filter(pk=steps[2].pk).update(then_policy=engineering)
    found = now_of(walked)
    assert [list(step.conditions) for step in found.steps] == [
        ["only for SEV1 and SEV2", "only in support hours", "one of them, in turn"],
        [
            "only outside support hours",
            "only when more than 3 alerts fired within 15 min",
            "outside support hours the wait lasts until they begin",
        ],
        [],
    ]


def test_the_page_says_all_of_it(client, amina, brian):
    engineering = policy(brian, name="Engineering")
    walked = policy(amina, rota(name="Nights"), repeats=2, repage_minutes=30, name="Support", fallback=brian)
    PolicyStep.objects.filter(policy=walked, position=1).update(then_policy=engineering)
    service = make.service(name="Fraud score", slug="fraud")
    PolicyAssignment.objects.create(policy=walked, service=service, severity="SEV1", hours="closed")
    client.force_login(brian)
    shown = page(client, "policy", walked.slug)
    for words in (
        "Amina",
        "Nobody is on call of Nights.",
        "The fallback stands in",
        "+ 5 min",
        "Walked again from the first step, 2 times more.",
        "calls again after 30 min without a word",
        f'href="/rotas/policies/{engineering.slug}/"',
        'href="/services/fraud/"',
        "SEV1, outside support hours",
        "/rotas/simulator/?service=fraud&amp;severity=SEV1",
    ):
        assert words in shown, words
    assert "admin/rotas/escalationpolicy" not in shown
    client.force_login(make.user("lead"))
    assert f"/admin/rotas/escalationpolicy/{walked.pk}/change/" in page(client, "policy", walked.slug)


def test_walk_it_really_walks_it(client, amina):
    walked = policy(amina, is_default=True, name="Support")
    make.service(name="Assigned").policy_assignments.create(policy=policy(amina))
    make.service(name="Free")
    client.force_login(amina)
    shown = page(client, "policy", walked.slug)
    at = shown.index("/rotas/simulator/?")
    url = shown[at : shown.index('"', at)].replace("&amp;", "&")
    simulated = client.get(url)
    assert (simulated.status_code, simulated.context["found"].policy) == (200, walked)
    assert simulated.context["found"].service.name == "Free"


def test_which_service_is_tried(amina):
    one, other = make.service(name="One"), make.service(name="Other")
    default, own, idle = policy(amina, is_default=True), policy(amina), policy(amina)
    other.policy_assignments.create(policy=own)
    tried = [service_to_try(policy_used(each.slug), Service.objects.all()) for each in (default, own, idle)]
    assert tried == [one, other, None]


def test_the_list_marks_what_is_default_off_and_lame(client, amina):
    policy(amina, is_default=True, name="Support")
    policy(rota(), name="Lame")
    policy(amina, is_active=False, name="Old")
    client.force_login(amina)
    shown = page(client, "policies")
    assert shown.index("Support") < shown.index("Lame") < shown.index("Old")
    assert [shown.count(word) for word in (">default<", ">Finds nobody<", ">Switched off<")] == [1, 1, 1]


def test_a_policy_without_steps_and_no_policy_at_all(client, amina):
    client.force_login(amina)
    assert "No policy yet" in page(client, "policies")
    walked = policy()
    assert "It has no steps" in page(client, "policy", walked.slug)
    assert walked.name in page(client, "policies")


def test_pages_that_lead_there(client, amina):
    nights = rota(amina)
    walked = policy(nights, is_default=True)
    service = make.service()
    client.force_login(amina)
    link = f'href="/rotas/policies/{walked.slug}/"'
    assert link in page(client, "detail", nights.slug)
    assert link in page(client, "for_service", service.slug)
    assert 'href="/rotas/policies/"' in page(client, "list")


def test_ten_steps_cost_as_much_as_one(client, amina, engines_known):
    client.force_login(amina)

    def target(n):
        one = rota(make.user(site=make.site()), make.user(), name=f"Rota {n}")
        layer(one, make.user(), anchor=clock.now() - DAY)
        return [one, make.user(), make.team(lead=make.user(), members=(make.user(),))]

    few, many = policy(target(0)), policy(*(target(n) for n in range(1, 11)))
    for walked in (few, many):
        for step in walked.steps.all():
            StepTarget.objects.create(step=step, kind="next_on_call", rota=rota(amina, make.user()))
            StepTarget.objects.create(step=step, kind="working", team=make.team(members=(make.user(),)))
            walked.assignments.create(service=make.service(client=make.client_()), severity="SEV1")
    costs = []
    for walked in (few, many):
        page(client, "policy", walked.slug)
        with CaptureQueriesContext(connection) as seen:
            page(client, "policy", walked.slug)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 26
