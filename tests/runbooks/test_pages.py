"""Runbooks to find and to read: support only."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from runbooks.demo import BOOKS, load
from runbooks.domain.save import grew, index
from runbooks.models import Runbook, RunbookStep
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/runbooks/"


def book(slug, *services, **fields):
    made = Runbook.objects.create(slug=slug, **{"title": slug.title(), **fields})
    made.services.set(services)
    RunbookStep.objects.create(runbook=made, position=1, text=f"First look at {slug}", detail="Expect calm")
    index(made)
    return made


@pytest.fixture
def support(client):
    person = make.user()
    client.force_login(person)
    return person


def slugs(client, **asked):
    return [row.runbook.slug for row in client.get(LIST, asked).context["rows"]]


def test_accents_and_case_do_not_count_and_a_beginning_is_enough(client, support):
    book("latency", title="Café São Paulo: LATENCY spike")
    book("drift", title="Drift")
    assert slugs(client, search="cafe sao") == ["latency"]
    assert slugs(client, search="LATÉN") == ["latency"]
    assert slugs(client, search="latency drift") == []


def test_words_of_steps_body_and_service_find_too(client, support):
    book("a", make.service(slug="fraud-scorer"), body="Look at `customer_spend_7d` first")
    book("b")
    assert [slugs(client, search=words) for words in ("spend 7d", "fraud", "first look")] == [
        ["a"],
        ["a"],
        ["a", "b"],
    ]


def test_query_syntax_is_only_words(client, support):
    book("drift")
    assert [slugs(client, search=words) for words in ("drift & !", "drift':*|", "(", "\x00drift")] == [
        ["drift"], ["drift"], ["drift"], ["drift"]
    ]  # fmt: skip


def test_the_list_narrows_to_a_service(client, support):
    scorer = make.service(slug="scorer")
    book("own", scorer), book("other", make.service())
    assert slugs(client, service="scorer") == ["own"]


def test_a_page_shows_steps_body_and_when_it_offers_itself(client, support):
    matchers = [
        {"name": "alertname", "op": "=~", "value": ".*Drift.*"},
        {"name": "env", "op": "=", "value": "prod"},
    ]
    book("drift", body="# Why\n\nBecause <script>x</script>", matchers=matchers, tested_at=date(2020, 1, 1))
    seen = client.get("/runbooks/drift/").content.decode()
    assert "First look at drift" in seen
    assert "<h2>Why</h2>" in seen
    assert "<script>x" not in seen
    assert (
        "<code>alertname</code> matches <code>.*Drift.*</code> and <code>env</code> is <code>prod</code>"
        in seen
    )
    assert "due for a test" in seen


@pytest.mark.parametrize("path", [LIST, "/runbooks/drift/", "/runbooks/for/scorer/"])
def test_a_stakeholder_finds_none_of_it(client, path):
    alice = make.user("stakeholder")
    scorer = make.service(slug="scorer", client=make.client_(members=(alice,)))
    book("drift", scorer)
    client.force_login(alice)
    assert client.get(path).status_code == 404
    assert client.get("/services/scorer/").status_code == 200


def test_programs_read_them_and_stakeholders_do_not(client, support):
    book("drift", make.service(slug="scorer"))
    row = client.get("/api/v1/runbooks/?search=drift&service=scorer").json()["results"][0]
    assert (row["slug"], row["services"], row["steps"][0]["text"]) == (
        "drift",
        ["scorer"],
        "First look at drift",
    )
    client.force_login(make.user("stakeholder"))
    assert client.get("/api/v1/runbooks/").json()["results"] == []
    assert client.get("/api/v1/runbooks/drift/").status_code == 404


def test_retired_ones_are_gone_from_list_and_page(client, support):
    book("old", is_active=False)
    assert (slugs(client), client.get("/runbooks/old/").status_code) == ([], 404)


def test_an_empty_house_says_what_a_runbook_is(client, support):
    seen = client.get(LIST).content.decode()
    assert ("3 a.m." in seen, "/admin/" in seen) == (True, False)
    client.force_login(make.user("lead"))
    assert reverse("admin:runbooks_runbook_add") in client.get(LIST).content.decode()


def test_the_panel_of_a_service_shows_its_own(client, support):
    book("own", make.service(slug="scorer")), book("other", make.service())
    seen = client.get("/runbooks/for/scorer/").content.decode()
    assert ("/runbooks/own/" in seen, "/runbooks/other/" in seen, "due for a test" in seen) == (
        True,
        False,
        True,
    )


@pytest.mark.parametrize("path", [LIST, "/runbooks/first/", "/runbooks/for/s1/", "/api/v1/runbooks/"])
def test_three_cost_what_one_costs(client, support, path):
    def cost():
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    service = make.service(slug="s1")
    first = book("first", service)
    one = cost()
    for slug in ("second", "third"):
        book(slug, service, make.service())
        first.services.add(make.service())
    assert cost() == one
    assert one <= 15


def test_an_edit_of_the_steps_makes_the_next_version_and_is_found(client):
    client.force_login(make.user("lead"))
    made = book("drift")
    step = made.steps.get()
    form = {
        "title": "Drift", "slug": "drift", "matchers": "[]", "initial-matchers": "[]", "is_active": "on", "body": "",
        "steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "1", "steps-0-id": step.pk, "steps-0-runbook": made.pk,
        "steps-0-position": "1", "steps-0-text": "Zeppelin", "steps-0-detail": "",
    }  # fmt: skip
    url = reverse("admin:runbooks_runbook_change", args=[made.pk])
    assert client.post(url, form).status_code == 302
    made.refresh_from_db()
    assert (made.version, slugs(client, search="zepp")) == (2, ["drift"])
    client.post(url, {**form, "summary": "Only the summary"})
    made.refresh_from_db()
    assert (made.version, slugs(client, search="only the summary")) == (2, ["drift"])
    told = AuditEntry.objects.filter(action="admin.change", subject_kind="runbook")
    assert {key for entry in told for key in entry.detail} == {"runbook steps", "summary"}


def test_matchers_that_make_no_sense_are_refused_in_the_admin(client):
    client.force_login(make.user("lead"))
    matchers = '[{"name": "alertname", "op": "=~", "value": "("}]'
    form = {
        "title": "X",
        "slug": "x",
        "matchers": matchers,
        "steps-TOTAL_FORMS": "0",
        "steps-INITIAL_FORMS": "0",
    }
    assert client.post(reverse("admin:runbooks_runbook_add"), form).status_code == 200
    assert Runbook.objects.count() == 0


def test_growing_counts_once_each():
    made = book("drift")
    grew(made), grew(made)
    assert made.version == 3


def test_starter_runbooks_load_once_and_are_whole(client, support):
    make.service(slug="fraud-scorer")
    load(make.NOW)
    before = list(Runbook.objects.order_by("pk").values_list("slug", "version", "updated_at"))
    load(make.NOW)
    assert list(Runbook.objects.order_by("pk").values_list("slug", "version", "updated_at")) == before
    assert len(before) == len(BOOKS) == 10
    assert [slug for slug, *_ in before if not 4 <= Runbook.objects.get(slug=slug).steps.count() <= 7] == []
    assert {client.get(f"/runbooks/{slug}/").status_code for slug, *_ in before} == {200}
