"""Agreements: who is covered by which, versions, the test bench, pages and API."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import IllegalState, Invalid
from core.types import person
from services.domain import agreements as verbs
from services.models import Agreement, AgreementScope, AgreementTarget, CalendarFrame
from services.queries.agreement import (
    services_of,
    terms_for,
    underpinning_terms,
    version_for,
    versions_for_all,
)
from services.queries.agreements import difference, trial, versions_of
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
API = "/api/v1/agreements/"


def agreement_of(service):
    """The agreement whose terms count, the same asked for one service and for many."""
    version = version_for(service, NOW)
    assert versions_for_all([service], NOW)[service.pk] == version
    assert services_of(version.agreement, [service]) == [service]
    return version.agreement


@pytest.fixture
def lead():
    return make.user("lead")


@pytest.fixture
def signed_in(client, lead):
    client.force_login(lead)
    return client


def office():
    hours = make.calendar(always_open=False, zone="Africa/Nairobi")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=hours, weekday=weekday, opens=9 * 60, closes=17 * 60)
    return hours


def test_the_narrowest_that_fits_counts():
    client = make.client_()
    default = make.agreement(name="Default", is_default=True)
    by_tier, by_client, both, by_service = (make.agreement(name=f"A{n}") for n in range(4))
    service = make.service(agreement=None, client=client, tier=2)
    other = make.service(agreement=None, client=client, tier=3)
    assert agreement_of(service) == default
    AgreementScope.objects.create(agreement=by_tier, tier=2)
    assert (agreement_of(service), agreement_of(other)) == (by_tier, default)
    AgreementScope.objects.create(agreement=by_client, client=client)
    assert (agreement_of(service), agreement_of(other)) == (by_client, by_client)
    AgreementScope.objects.create(agreement=both, client=client, tier=2)
    assert (agreement_of(service), agreement_of(other)) == (both, by_client)
    AgreementScope.objects.create(agreement=by_service, service=service)
    assert agreement_of(service) == by_service
    service.agreement = default
    assert agreement_of(service) == default


def test_a_default_that_also_has_rules_is_still_the_last_to_count():
    default = make.agreement(name="Default", is_default=True)
    AgreementScope.objects.create(agreement=default, tier=1)
    mine = make.agreement(name="Mine")
    service = make.service(agreement=None, tier=2)
    AgreementScope.objects.create(agreement=mine, tier=2)
    assert agreement_of(service) == mine


def test_a_party_promises_by_its_own_agreement_for_its_own_team():
    mine, others = make.team("partner"), make.team("partner")
    service = make.service()
    general = make.agreement(
        {"SEV2": (60, 600)}, kind="uc", provider="partner", receiver="l1", is_default=True
    )
    special = make.agreement(
        {"SEV2": (30, 300)}, kind="uc", provider="partner", provider_team=mine, receiver="l1"
    )
    AgreementScope.objects.create(agreement=special, service=service)

    def named(team):
        return {
            terms.agreement_name for terms in underpinning_terms(service, "SEV2", "partner", team.pk, NOW)
        }

    assert named(mine) == {special.name}
    assert named(others) == {general.name}
    assert underpinning_terms(service, "SEV2", "l1", None, NOW) == []


def test_each_instant_has_the_version_that_held_then(lead):
    agreement = make.agreement({"SEV2": (15, 240)})
    service = make.service(agreement=agreement)
    draft = verbs.draft(agreement, actor=person(lead), now=NOW)
    draft.targets.filter(kind="resolve").update(minutes=120)
    verbs.publish(draft, actor=person(lead), now=NOW, valid_from=NOW + DAY, note="Faster")

    def resolve(at):
        return next(terms for terms in terms_for(service, "SEV2", at) if terms.kind == "resolve")

    assert [
        (resolve(at).target_seconds, resolve(at).version) for at in (NOW, NOW + DAY - MINUTE, NOW + DAY)
    ] == [
        (14_400, 1),
        (14_400, 1),
        (7_200, 2),
    ]
    first = agreement.versions.get(number=1)
    assert first.valid_to == NOW + DAY


def test_a_published_version_is_never_rewritten(lead, signed_in):
    agreement = make.agreement()
    version = agreement.versions.get()
    with pytest.raises(IllegalState):
        verbs.publish(version, actor=person(lead), now=NOW)
    page = signed_in.get(f"/admin/services/agreementversion/{version.pk}/change/")
    assert b'name="_save"' not in page.content
    assert b'name="warn_percent"' not in page.content


def test_one_draft_at_a_time_and_none_without_a_promise(lead):
    agreement = make.agreement()
    draft = verbs.draft(agreement, actor=person(lead), now=NOW)
    with pytest.raises(IllegalState):
        verbs.draft(agreement, actor=person(lead), now=NOW)
    with pytest.raises(Invalid):
        verbs.publish(draft, actor=person(lead), now=NOW, valid_from=NOW - DAY)
    draft.targets.all().delete()
    with pytest.raises(Invalid):
        verbs.publish(draft, actor=person(lead), now=NOW)


def test_terms_can_end_and_then_nothing_is_promised(lead):
    agreement = make.agreement()
    service = make.service(agreement=agreement)
    with pytest.raises(Invalid):
        verbs.end(agreement.versions.get(), NOW - DAY, actor=person(lead), now=NOW)
    verbs.end(agreement.versions.get(), NOW + DAY, actor=person(lead), now=NOW)
    assert version_for(service, NOW) is not None
    assert version_for(service, NOW + DAY) is None
    assert terms_for(service, "SEV2", NOW + DAY) == []


def test_what_two_versions_promise_differently_is_named(lead):
    agreement = make.agreement({"SEV2": (15, 240)})
    make.rung(agreement, 50)
    draft = verbs.draft(agreement, actor=person(lead), now=NOW)
    draft.targets.filter(kind="resolve").update(mode="business_days", minutes=None, days=2)
    AgreementTarget.objects.create(version=draft, severity="SEV1", kind="acknowledge", minutes=5)
    draft.rungs.update(act="raise")
    draft.warn_percent = 80
    draft.save()
    after, before = versions_of(agreement)
    assert [(each.what, each.before, each.after) for each in difference(before, after)] == [
        ("First warning", "75 %", "80 %"),
        ("SEV1 Acknowledge", "", "5 min"),
        ("SEV2 Resolve", "4 h", "2 business days"),
        ("Warning", "Each promise, at 50 percent of the time: tell whoever has it in hand", ""),
        ("Warning", "", "Each promise, at 50 percent of the time: raise the severity by one"),
    ]
    assert difference(before, before) == []


FRIDAY = datetime(2026, 3, 6, 13, 50, tzinfo=UTC)  # 16:50 in Nairobi


def test_the_bench_says_every_due_time_and_writes_nothing():
    agreement = make.agreement({"SEV2": (15, 240)}, calendar=office())
    make.rung(agreement, 50, kind="resolve")
    found = trial(agreement.versions.get(), None, "SEV2", FRIDAY)
    assert [(each.terms.kind, each.due_at, each.warn_at) for each in found.promises] == [
        ("acknowledge", datetime(2026, 3, 9, 6, 5, tzinfo=UTC), datetime(2026, 3, 9, 6, 1, 15, tzinfo=UTC)),
        ("resolve", datetime(2026, 3, 9, 9, 50, tzinfo=UTC), datetime(2026, 3, 9, 8, 50, tzinfo=UTC)),
    ]
    ((rung, at),) = found.promises[1].rungs
    assert (rung.amount, at) == (50, datetime(2026, 3, 9, 7, 50, tzinfo=UTC))


def test_the_bench_takes_holds_and_refuses_nonsense():
    version = make.agreement({"SEV2": (15, 240)}).versions.get()
    held = [(FRIDAY + 60 * MINUTE, FRIDAY + 120 * MINUTE)]
    found = trial(version, None, "SEV2", FRIDAY, held)
    assert [each.due_at - FRIDAY for each in found.promises] == [15 * MINUTE, 300 * MINUTE]
    for severity, at, pauses in [
        ("SEV9", FRIDAY, ()),
        ("SEV2", FRIDAY.replace(year=1999), ()),
        ("SEV2", FRIDAY, [(FRIDAY, FRIDAY - MINUTE)]),
    ]:
        with pytest.raises(Invalid):
            trial(version, None, severity, at, pauses)


def test_the_pages_show_terms_versions_and_the_bench(signed_in):
    agreement = make.agreement({"SEV2": (15, 240)}, calendar=office(), name="Nairobi office", slug="nairobi")
    make.service(agreement=agreement, name="Scorer")
    make.rung(agreement, 50, kind="resolve", act="escalate", step=2)
    assert "Nairobi office" in signed_in.get("/services/agreements/").content.decode()
    page = signed_in.get("/services/agreements/nairobi/").content.decode()
    assert "Resolve, at 50 percent of the time: call step 2 of the policy" in page
    assert "Scorer" in page
    bench = signed_in.get(
        "/services/agreements/nairobi/try/?severity=SEV2&raised=2026-03-06T16:50&zone=Africa/Nairobi"
    ).content.decode()
    assert "Mon 9 Mar, 09:05" in bench
    assert (
        "A zone such as"
        in signed_in.get(
            "/services/agreements/nairobi/try/?severity=SEV2&raised=2026-03-06T16:50&zone=Mars/Base"
        ).content.decode()
    )


def test_a_lead_drafts_edits_looks_and_puts_in_force(signed_in):
    agreement = make.agreement({"SEV2": (15, 240)}, slug="gold")
    answer = signed_in.post("/services/agreements/gold/draft/")
    draft = agreement.versions.get(number=2)
    assert answer["Location"] == f"/admin/services/agreementversion/{draft.pk}/change/"
    draft.targets.filter(kind="resolve").update(minutes=120)
    page = signed_in.get("/services/agreements/gold/publish/2/").content.decode()
    assert "SEV2 Resolve" in page
    refused = signed_in.post(
        "/services/agreements/gold/publish/2/", {"valid_from": "2020-01-01T00:00", "note": "Faster"}
    )
    assert (
        refused.status_code,
        "can’t begin in the past" in refused.content.decode().replace("&#x27;", "’"),
    ) == (400, True)
    assert signed_in.post("/services/agreements/gold/publish/2/", {"note": "Faster"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.note) == ("published", "Faster")
    assert "4 h" in signed_in.get("/services/agreements/gold/diff/").content.decode()


def test_the_list_costs_the_same_with_many(signed_in, django_assert_max_num_queries):
    for _ in range(5):
        AgreementScope.objects.create(agreement=make.agreement(), tier=1)
    signed_in.get("/services/agreements/")
    with django_assert_max_num_queries(12):
        signed_in.get("/services/agreements/")


def test_the_api_drafts_compares_tries_and_publishes(signed_in):
    made = signed_in.post(
        API,
        {"slug": "ola-eng", "name": "Engineering", "kind": "ola", "provider": "engineering", "receiver": "l1",
         "scopes": [{"tier": 1}]},
        content_type="application/json",
    )  # fmt: skip
    assert (made.status_code, made.json()["scopes"], made.json()["terms"]) == (
        201,
        [{"service": None, "client": None, "tier": 1}],
        None,
    )
    terms = {
        "calendar": make.calendar().slug,
        "note": "First",
        "targets": [
            {
                "severity": "SEV2",
                "kind": "resolve",
                "mode": "business_days",
                "days": 3,
                "goal_percent": "95.00",
            },
            {"severity": "SEV2", "kind": "acknowledge", "minutes": 30, "is_pausable": False},
        ],
        "rungs": [{"unit": "before", "amount": 30, "act": "notify", "whom": "party"}],
    }
    drafted = signed_in.post(f"{API}ola-eng/versions/", terms, content_type="application/json")
    assert (drafted.status_code, drafted.json()["state"]) == (201, "draft")
    again = signed_in.post(f"{API}ola-eng/versions/", terms, content_type="application/json")
    assert again.status_code == 409
    published = signed_in.post(
        f"{API}ola-eng/versions/1/publish/", {"note": "Agreed"}, content_type="application/json"
    )
    assert published.json()["state"] == "published"
    assert signed_in.get(f"{API}ola-eng/").json()["terms"]["targets"][0]["kind"] == "acknowledge"
    tried = signed_in.post(
        f"{API}ola-eng/try/",
        {"severity": "SEV2", "raised_at": "2036-03-06T16:50:00+03:00"},
        content_type="application/json",
    ).json()
    assert [(each["kind"], each["due_at"]) for each in tried["promises"]] == [
        ("acknowledge", "2036-03-06T14:20:00Z"),
        ("resolve", "2036-03-09T13:50:00Z"),
    ]
    assert Agreement.objects.get(slug="ola-eng").scopes.count() == 1
    default = {
        "slug": "x",
        "name": "X",
        "kind": "ola",
        "provider": "engineering",
        "receiver": "l1",
        "is_default": True,
    }
    assert signed_in.post(API, default, content_type="application/json").status_code == 201
    twice = signed_in.post(API, {**default, "slug": "y"}, content_type="application/json")
    assert (twice.status_code, "is the default of that kind already" in twice.content.decode()) == (400, True)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ([{"severity": "SEV2", "kind": "resolve"}], "how many minutes"),
        ([{"severity": "SEV2", "kind": "resolve", "mode": "business_days"}], "how many business days"),
        ([{"severity": "SEV2", "kind": "resolve", "minutes": 5}] * 2, "promised twice"),
        (
            [{"severity": "SEV2", "kind": "resolve", "minutes": 5, "stops_for": ["mars"]}],
            "not a valid choice",
        ),
        ([{"severity": "SEV2", "kind": "resolve", "minutes": 10**9}], "less than or equal"),
    ],
)
def test_the_api_says_what_is_wrong_with_terms(signed_in, targets, words):
    agreement = make.agreement()
    answer = signed_in.post(
        f"{API}{agreement.slug}/versions/",
        {"calendar": make.calendar().slug, "targets": targets},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_a_replanning_is_asked_for_and_shown_on_its_page(signed_in):
    agreement = make.agreement(slug="gold")
    make.incident(service=make.service(agreement=agreement))
    page = signed_in.get("/incidents/terms/?agreement=gold").content.decode()
    assert "2 promises count by it now." in page
    asked = signed_in.post(
        "/incidents/terms/", {"agreement": agreement.pk, "how": "keep", "reason": "A longer day"}
    )
    assert asked.status_code == 302
    progress = signed_in.get("/incidents/terms/applied/").content.decode()
    assert "0 of 2" in progress
    assert "every 1s" in progress
    refused = signed_in.post(
        "/incidents/terms/", {"agreement": agreement.pk, "how": "keep", "reason": "Again"}
    )
    assert refused.status_code == 409


def test_each_partner_has_a_default_of_its_own():
    teams = [make.team("partner"), make.team("partner")]
    for team in teams:
        make.agreement(
            {"SEV2": (60, 600)},
            kind="uc",
            provider="partner",
            provider_team=team,
            receiver="l1",
            is_default=True,
        )
    service = make.service()
    for team in teams:
        (name,) = {
            each.agreement_name for each in underpinning_terms(service, "SEV2", "partner", team.pk, NOW)
        }
        assert Agreement.objects.get(name=name).provider_team == team


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["service", "other", "client tier", "client", "tier", "other tier", "default"]),
        max_size=5,
        unique=True,
    )
)
def test_many_services_are_covered_as_one_is(rules):
    """Chosen by one statement for an incident, by rules in memory for lists: the same."""
    with transaction.atomic():
        client = make.client_()
        service, other = (make.service(agreement=None, client=client, tier=2) for _ in range(2))
        fields = {
            "service": {"service": service}, "other": {"service": other}, "client tier": {"client": client, "tier": 2},
            "client": {"client": client}, "tier": {"tier": 2}, "other tier": {"tier": 3},
        }  # fmt: skip
        for rule in rules:
            made = make.agreement(is_default=rule == "default")
            if rule in fields:
                AgreementScope.objects.create(agreement=made, **fields[rule])
        many = versions_for_all([service, other], NOW)
        for each in (service, other):
            assert many[each.pk] == version_for(each, NOW), (rules, each)
            assert {terms.agreement for terms in terms_for(each, "SEV2", NOW)} == (
                {many[each.pk].agreement_id} if many[each.pk] else set()
            )
        transaction.set_rollback(True)


@pytest.mark.parametrize("provider", ["l1", "client"])
def test_an_agreement_that_could_never_count_is_refused(signed_in, provider):
    body = {"slug": "x", "name": "X", "kind": "ola", "provider": provider, "receiver": "l2"}
    answer = signed_in.post(API, body, content_type="application/json")
    assert (answer.status_code, "name another party" in answer.content.decode()) == (400, True)
