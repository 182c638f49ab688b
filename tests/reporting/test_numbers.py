"""The numbers against rows made by hand."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from core.types import person
from incidents.domain import lifecycle
from incidents.models import Incident
from reporting.domain import pictures
from reporting.queries.numbers import numbers
from reporting.types import Scope
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def scope(**more):
    return Scope(**{"start": NOW - 10 * DAY, "end": NOW, **more})


def worked(opened, acknowledge, resolve, *, by, **fields):
    """An incident taken and ended after so many minutes."""
    incident = make.incident(now=opened, **fields)
    incident = lifecycle.acknowledge(incident, actor=person(by), now=opened + acknowledge * MINUTE)
    return lifecycle.resolve(incident, actor=person(by), now=opened + resolve * MINUTE, note="Done.")


@pytest.fixture
def alice():
    return make.user()


def test_median_and_p90_interpolate_between_neighbours(alice):
    for minutes in (1, 2, 3, 4, 10):
        worked(NOW - DAY, minutes, minutes * 10, by=alice)

    found = numbers(alice, scope()).now

    assert found.opened == 5
    assert found.acknowledge_p50 == 3 * MINUTE
    assert found.acknowledge_p90 == timedelta(minutes=7, seconds=36)
    assert found.resolve_p50 == 30 * MINUTE


def test_an_open_incident_counts_as_opened_but_has_no_times(alice):
    make.incident(now=NOW - DAY)

    found = numbers(alice, scope()).now

    assert (found.opened, found.acknowledge_p50, found.resolve_p90) == (1, None, None)


def test_the_period_before_stands_beside_and_its_edges_are_half_open(alice):
    worked(NOW - 10 * DAY, 2, 20, by=alice)
    worked(NOW - 10 * DAY - MINUTE, 4, 40, by=alice)
    make.incident(now=NOW)
    make.incident(now=NOW - 20 * DAY - MINUTE)

    found = numbers(alice, scope())

    assert (found.now.opened, found.before.opened) == (1, 1)
    assert (found.now.acknowledge_p50, found.before.acknowledge_p50) == (2 * MINUTE, 4 * MINUTE)


def test_cancelled_incidents_count_nowhere(alice):
    incident = make.incident(now=NOW - DAY)
    lifecycle.cancel(incident, actor=person(alice), now=NOW - DAY + MINUTE, reason="A test.")

    found = numbers(alice, scope())

    assert found.now.opened == 0
    assert found.kept == ()


def test_a_promise_kept_and_one_broken_make_fifty_percent(alice):
    service = make.service(agreement=make.agreement({"SEV2": (15, 240)}))
    for minutes in (5, 16):
        worked(NOW - DAY, minutes, 30, by=alice, service=service, impact="", urgency="", severity="SEV2")

    found = numbers(alice, scope())

    assert found.kept_percent("acknowledge") == 50.0
    assert found.kept_percent("resolve") == 100.0
    assert [(row.kind, row.severity, row.decided, row.kept) for row in found.kept] == [
        ("acknowledge", "SEV2", 2, 1),
        ("resolve", "SEV2", 2, 2),
    ]


def test_a_promise_that_still_counts_is_not_decided(alice):
    make.incident(now=NOW - MINUTE)

    assert numbers(alice, scope()).kept_percent("acknowledge") is None


def test_weeks_begin_on_monday_in_utc_and_empty_ones_stand_there_too(alice):
    make.incident(now=NOW - DAY, impact="", urgency="", severity="SEV3")

    weeks = numbers(alice, scope()).weeks

    assert [week.start.strftime("%a %Y-%m-%d") for week in weeks] == [
        "Mon 2026-02-16",
        "Mon 2026-02-23",
        "Mon 2026-03-02",
    ]
    assert [week.counts for week in weeks] == [(0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 1, 0)]


def test_filters_narrow_by_client_service_and_severity(alice):
    bank = make.client_()
    mine = make.service(client=bank)
    make.incident(now=NOW - DAY, service=mine, impact="", urgency="", severity="SEV1")
    make.incident(now=NOW - DAY, impact="", urgency="", severity="SEV2")

    assert numbers(alice, scope(client=bank.slug)).now.opened == 1
    assert numbers(alice, scope(service=mine.slug)).now.opened == 1
    assert numbers(alice, scope(severity="SEV2")).now.opened == 1
    assert numbers(alice, scope(client=bank.slug, severity="SEV2")).now.opened == 0


def test_a_client_counts_their_own_and_nothing_of_others():
    charlie = make.user(role="stakeholder")
    mine = make.service(client=make.client_(members=(charlie,)))
    theirs = make.service(client=make.client_())
    make.incident(now=NOW - DAY, service=mine)
    make.incident(now=NOW - DAY, service=theirs)
    assert Incident.objects.count() == 2

    found = numbers(charlie, scope())

    assert found.now.opened == 1
    assert found.services == ((mine.slug, 1),)


def test_who_sees_a_service_twice_counts_it_once():
    dana = make.user(role="stakeholder")
    service = make.service(client=make.client_(members=(dana,)))
    service.parties.add(make.team("engineering", (dana,)), make.team("partner", (dana,)))
    make.incident(now=NOW - DAY, service=service)

    found = numbers(dana, scope())

    assert found.now.opened == 1
    assert sum(week.counts[1] + week.counts[0] + week.counts[2] + week.counts[3] for week in found.weeks) == 1


def test_questions_stay_four_however_many_incidents(alice, django_assert_num_queries):
    make.incident(now=NOW - DAY)
    with django_assert_num_queries(4):
        numbers(alice, scope())
    worked(NOW - 2 * DAY, 3, 30, by=alice)
    worked(NOW - 15 * DAY, 3, 30, by=alice)
    with django_assert_num_queries(4):
        numbers(alice, scope())


def test_a_share_is_never_rounded_up_to_all_of_it():
    assert pictures._share(99.97) == "99.9 %"
    assert pictures._share(100.0) == "100 %"
    assert pictures._share(None) == "–"


def test_every_number_leads_to_the_list_behind_it():
    url = pictures.behind(scope(severity="SEV1", service="fraud-scorer"))

    assert url == (
        "/incidents/?view=all&service=fraud-scorer&severity=SEV1"
        "&opened_after=2026-02-22T08%3A00%3A00Z&opened_before=2026-03-04T08%3A00%3A00Z&cancelled=false"
    )


def test_page_export_and_api_tell_the_same(alice):
    make.incident(now=NOW - DAY)
    browser = Browser()
    browser.force_login(alice)
    query = {"start": "2026-03-01", "end": "2026-03-04"}

    page = browser.get("/numbers/", query)
    rows = browser.get("/numbers/export.csv", query).content.decode().splitlines()
    answer = browser.get("/api/v1/numbers/", query).json()

    assert page.context["found"].now.opened == 1
    assert rows[:2] == ["measure,period,severity,value,unit", "opened,now,,1,incidents"]
    assert answer["now"]["opened"] == 1
    assert answer["to"] == "2026-03-05T00:00:00+00:00"


def test_a_filter_that_names_nothing_of_the_readers_is_refused_by_the_api():
    charlie = make.user(role="stakeholder")
    theirs = make.service(client=make.client_())
    browser = Browser()
    browser.force_login(charlie)

    answer = browser.get("/api/v1/numbers/", {"service": theirs.slug})

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["service"]


def test_nonsense_in_the_url_shows_the_page_with_a_word_about_it(alice):
    browser = Browser()
    browser.force_login(alice)

    answer = browser.get("/numbers/", {"start": "2026-03-09", "end": "2026-03-01"})

    assert answer.status_code == 200
    assert "The period ends before it begins." in answer.content.decode()


FAR = [
    {"end": "0001-01-01"},
    {"end": "9999-12-31"},
    {"start": "0001-01-01", "end": "0001-01-02"},
    {"start": "1200-01-01"},
    {"start": "2020-01-01"},
    {"start": "2020-01-01", "end": "2025-01-01"},
]


@pytest.mark.parametrize("asked", FAR, ids=str)
def test_no_period_is_longer_than_two_years_or_outside_known_ones(client, alice, asked):
    client.force_login(alice)

    page = client.get("/numbers/", asked)
    answer = client.get("/api/v1/numbers/", asked)

    assert (page.status_code, page.context["form"].is_valid()) == (200, False)
    assert len(page.context["found"].weeks) <= 106
    assert client.get("/numbers/numbers.csv", asked).status_code < 500
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "asked", [{"start": "2025-01-01", "end": "2026-12-31"}, {"end": "1970-01-01"}, {}], ids=str
)
def test_two_years_are_counted(client, alice, asked):
    client.force_login(alice)

    assert client.get("/api/v1/numbers/", asked).status_code == 200
