"""Pages of the catalogue: who sees what, in words, at a steady cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from services.models import CalendarFrame, ModelVersion
from services.queries.visible import clients_visible_to, services_visible_to
from tests import make

pytestmark = pytest.mark.django_db


def path(slug=None):
    return reverse("services:detail", args=[slug]) if slug else reverse("services:list")


def page(browser, user, slug=None, **asked):
    browser.force_login(user)
    return browser.get(path(slug), asked)


def text(response):
    assert response.status_code == 200, response
    return response.content.decode()


def queries(client, user, slug=None):
    page(client, user, slug)
    with CaptureQueriesContext(connection) as seen:
        text(client.get(path(slug)))
    return len(seen)


@pytest.fixture
def alice():
    return make.user("stakeholder", email="alice@lumen.test")


@pytest.fixture
def two_clients(alice):
    """Alice's Lumen and another client, each with a service that could leak."""
    lumen, orbita = make.client_(members=(alice,), name="Lumen"), make.client_(name="Orbita")
    return make.service(slug="lumen-fraud", client=lumen), make.service(slug="orbita-churn", client=orbita)


def slugs(user):
    return set(services_visible_to(user).values_list("slug", flat=True))


def test_a_stakeholder_sees_the_services_of_their_client_only(alice, two_clients):
    make.service(slug="internal")
    assert slugs(alice) == {"lumen-fraud"}
    assert {client.name for client in clients_visible_to(alice)} == {"Lumen"}


def test_a_partner_sees_what_their_team_is_party_to():
    bob = make.user("stakeholder")
    partner = make.team("partner", members=(bob,))
    make.service(slug="docs").parties.add(partner)
    make.service(slug="other").parties.add(make.team("partner"))
    assert slugs(bob) == {"docs"}


def test_membership_of_a_support_team_opens_nothing_to_a_stakeholder():
    bob = make.user("stakeholder")
    desk = make.team("l1", members=(bob,))
    make.service(owning_team=desk).parties.add(desk)
    assert slugs(bob) == set()


def test_support_sees_all_and_a_deactivated_person_nothing(two_clients):
    assert slugs(make.user()) == {"lumen-fraud", "orbita-churn"}
    assert slugs(make.user(is_active=False)) == set()
    assert slugs(make.user("stakeholder")) == set()


def test_pages_show_a_stakeholder_only_what_is_theirs(client, alice, two_clients):
    listing = text(page(client, alice))
    assert ("lumen-fraud" in listing, "orbita-churn" in listing, "Orbita" in listing) == (True, False, False)
    assert page(client, alice, "lumen-fraud").status_code == 200
    assert page(client, alice, "orbita-churn").status_code == 404


def test_filtering_by_another_client_shows_a_stakeholder_nothing(client, alice, two_clients):
    other = two_clients[1].client.slug
    assert "orbita-churn" not in text(page(client, alice, client=other))


def test_a_stakeholder_gets_no_panel_of_runbooks_and_no_way_into_the_admin(client, alice, two_clients):
    seen = text(page(client, alice, "lumen-fraud"))
    assert ("/runbooks/for/" in seen, "/admin/" in seen) == (False, False)
    staff = text(page(client, make.user("lead"), "lumen-fraud"))
    assert ("/runbooks/for/" in staff, "/admin/services/service/" in staff) == (True, True)


def test_filters_narrow_and_become_chips(client):
    support = make.user()
    make.service(slug="scorer", kind="online", tier=1)
    make.service(slug="nightly", kind="batch", tier=2)
    seen = text(page(client, support, kind="batch"))
    assert ("nightly" in seen, ">scorer<" in seen) == (True, False)
    assert '<input type="hidden" name="kind" value="batch">' in seen


def test_words_find_by_slug_name_and_client(client):
    support = make.user()
    make.service(slug="scorer", name="Fraud scorer", client=make.client_(name="Lumen Bank"))
    make.service(slug="nightly", name="Forecast")
    found = [
        page(client, support, search=words).context["rows"]
        for words in ("frau", "SCOR", "lumen fraud", "bank x")
    ]
    assert [[row.service.slug for row in rows] for rows in found] == [["scorer"], ["scorer"], ["scorer"], []]


def test_the_page_says_the_promises_in_words(client):
    office = make.calendar(name="Bogotá office", always_open=False, zone="America/Bogota")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=office, weekday=weekday, opens=480, closes=1020)
    agreement = make.agreement({"SEV2": (15, 2400)}, calendar=office, name="Bronze")
    make.service(slug="scorer", agreement=agreement)
    seen = text(page(client, make.user(), "scorer"))
    assert "Acknowledge in 15 min, resolve in 40 h, counted in Bogotá office" in seen
    assert "Mon–Fri 08:00–17:00 COT" in seen


def test_around_the_clock_is_said_so(client):
    make.service(slug="scorer", agreement=make.agreement({"SEV1": (15, 240)}))
    seen = text(page(client, make.user(), "scorer"))
    assert "Acknowledge in 15 min, resolve in 4 h, counted 24×7" in seen


def test_a_service_without_agreement_says_that_nothing_is_counted(client):
    make.service(slug="scorer", agreement=None)
    assert "Nothing is agreed for this service" in text(page(client, make.user(), "scorer"))


def test_champion_comes_first_even_after_many_candidates(client):
    service = make.service(slug="scorer")
    model = make.model(service, name="xgb")
    ModelVersion.objects.create(model=model, version="v1", stage="champion")
    for number in range(2, 40):
        ModelVersion.objects.create(model=model, version=f"v{number}")
    versions = page(client, make.user(), "scorer").context["versions"]
    assert (len(versions), versions[0].version, versions[1].version) == (12, "v1", "v39")


def test_hostile_links_are_not_shown(client):
    links = [
        {"label": "Dashboard", "url": "https://grafana.example.org/d/1"},
        {"label": "Trap", "url": "javascript:alert(1)"},
        {"label": "Trap", "url": "//evil.example.org"},
        "trap",
    ]
    make.service(slug="scorer", links=links)
    response = page(client, make.user(), "scorer")
    assert response.context["links"] == [links[0]]
    assert b"javascript:alert" not in response.content


def test_names_are_escaped(client):
    make.service(slug="scorer", name="<script>alert(1)</script>", summary="<b>x</b>")
    seen = text(page(client, make.user(), "scorer")) + text(page(client, make.user()))
    assert ("<script>alert(1)" in seen, "<b>x</b>" in seen) == (False, False)


def test_a_list_of_three_costs_what_a_list_of_one_costs(client):
    support = make.user()
    make.service(client=make.client_())
    one = queries(client, support)
    for _ in range(2):
        make.service(client=make.client_())
    assert queries(client, support) == one
    assert one <= 15


def test_a_page_with_three_models_costs_what_one_costs(client):
    support = make.user()
    timed = make.agreement(calendar=make.calendar(always_open=False))
    service = make.service(slug="scorer", agreement=timed, support_calendar=make.calendar(always_open=False))

    def model():
        ModelVersion.objects.create(model=make.model(service), version="v1", stage="champion")
        service.parties.add(make.team("partner"))

    model()
    one = queries(client, support, "scorer")
    model(), model()
    assert queries(client, support, "scorer") == one
    assert one <= 15


def test_paging_goes_on_where_the_last_page_ended(client):
    support = make.user()
    for number in range(60):
        make.service(name="Same name", slug=f"s-{number:02d}")
    first = page(client, support)
    second = client.get(reverse("services:list") + first.context["page"].next_url)
    seen = [row.service.slug for row in first.context["rows"]] + [
        row.service.slug for row in second.context["rows"]
    ]
    assert (len(seen), len(set(seen))) == (60, 60)


def test_retired_services_are_counted_and_shown_when_asked_for(client):
    lead = make.user("lead")
    make.service(slug="scorer"), make.service(slug="old-scorer", lifecycle="retired")

    shown = page(client, lead)

    assert [row.service.slug for row in shown.context["rows"]] == ["scorer"]
    assert "1 retired service" in text(shown)
    for asked in ({"lifecycle": "retired"}, {"search": "old"}):
        assert [row.service.slug for row in page(client, lead, **asked).context["rows"]] == ["old-scorer"]
