"""Pages of rotas."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from core import clock
from rotas.models import Override
from rotas.queries.mine import shifts_of
from tests import make
from tests.rotas.make import layer, override, policy, rota

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def nairobi():
    return make.site(name="Nairobi", zone="Africa/Nairobi", position=1)


@pytest.fixture
def amina(nairobi):
    return make.user(name="Amina Odhiambo", site=nairobi)


@pytest.fixture
def faith(nairobi):
    return make.user(name="Faith Chebet", site=nairobi)


@pytest.fixture
def lead(nairobi):
    return make.user("lead", name="Grace Wanjiku", site=nairobi)


@pytest.fixture
def signed_in(client):
    def go(user):
        client.force_login(user)
        return client

    return go


def text(response) -> str:
    """What a reader sees: without markup, runs of space as one."""
    html = re.sub(r"<(script|style|title|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_list_says_who_is_on_call_now_until_when_and_who_follows(signed_in, amina, faith):
    rota(amina, faith, name="L1 follow-the-sun")
    rota(name="Nights")
    page = signed_in(amina).get(reverse("rotas:list"))
    assert page.status_code == 200
    assert "L1 follow-the-sun" in text(page)
    assert "Nights L1" in text(page)
    assert {user for now in page.context["rotas"] for user in now.users} <= {amina, faith}
    assert page.context["rotas"][1].users == ()


def queries_of(browser, url) -> int:
    with CaptureQueriesContext(connection) as counted:
        assert browser.get(url).status_code == 200
    return len(counted)


def test_pages_take_the_same_queries_for_many_rotas(signed_in, lead, amina, faith, now, engines_known):
    browser = signed_in(lead)
    made = rota(amina, faith)
    for url in (reverse("rotas:list"), reverse("rotas:detail", args=[made.slug])):
        before = queries_of(browser, url)
        for _ in range(3):
            override(rota(faith, amina), now, now + HOUR, user=amina, replaces=faith)
            override(made, now, now + HOUR, user=amina, replaces=faith)
        assert queries_of(browser, url) == before
        assert before <= 18


def test_a_rota_shows_its_week_the_person_on_call_and_gaps(signed_in, amina):
    made = rota(name="Days", zone="Africa/Nairobi")
    layer(made, amina, hours=(8, 20), zone="Africa/Nairobi", name="Nairobi days")
    page = signed_in(amina).get(reverse("rotas:detail", args=[made.slug]), {"week": "2026-03-04"})
    html = page.content.decode()
    assert page.status_code == 200
    assert "2 Mar – 8 Mar 2026" in text(page)
    assert "3 d 12 h without anybody this week." in text(page)
    assert html.count("sh sh-gap") == 8
    assert html.count('<rect class="sh sh-nbo"') == 14
    assert "<title>Amina Odhiambo, Wed 4 08:00 to 20:00 EAT</title>" in html
    assert "style=" not in html.split("<main")[1].split("</main>")[0]


def test_the_table_says_what_the_strips_draw(signed_in, amina, faith, now):
    made = rota(amina, name="Days", zone="Africa/Nairobi")
    override(made, now, now + HOUR, user=faith, replaces=amina)
    page = signed_in(amina).get(reverse("rotas:detail", args=[made.slug]))
    table = text(page).split("The week as a table")[1]
    assert "FC Faith Chebet Faith Chebet covers Amina Odhiambo" in table
    assert "AO Amina Odhiambo Layer" in table


def test_the_week_is_drawn_in_the_zone_asked_for(signed_in, amina):
    made = rota(amina, zone="Africa/Nairobi")
    page = signed_in(amina).get(
        reverse("rotas:detail", args=[made.slug]), {"week": "2026-03-04", "zone": "UTC"}
    )
    assert page.context["week"].zone == "UTC"
    page = signed_in(amina).get(
        reverse("rotas:detail", args=[made.slug]), {"week": "nonsense", "zone": "Mars/Base"}
    )
    assert (page.status_code, page.context["week"].zone) == (200, "Africa/Nairobi")


def test_the_page_says_which_policies_call_the_rota(signed_in, amina):
    made = rota(amina)
    policy(made, name="Standard")
    assert "Standard step 1, then 5 min" in text(
        signed_in(amina).get(reverse("rotas:detail", args=[made.slug]))
    )


def test_a_lead_says_that_faith_covers_amina(signed_in, lead, amina, faith, now):
    made = rota(amina, zone="Africa/Nairobi")
    local = (now + 3 * HOUR).replace(minute=0, second=0) + HOUR
    answer = signed_in(lead).post(
        reverse("rotas:override_add", args=[made.slug]),
        {
            "user": faith.pk,
            "replaces": amina.pk,
            "starts_at": f"{local:%Y-%m-%dT%H:%M}",
            "ends_at": f"{local + 4 * HOUR:%Y-%m-%dT%H:%M}",
            "reason": "Dentist",
        },
    )
    assert (answer.status_code, answer.url) == (302, reverse("rotas:detail", args=[made.slug]))
    row = Override.objects.get()
    # 12:00 on Nairobi's wall is 09:00 UTC
    assert (row.starts_at, row.ends_at) == (local - 3 * HOUR, local + HOUR)
    assert (row.user, row.replaces, row.created_by) == (faith, amina, lead)
    entry = AuditEntry.objects.get(action="rota.override_added")
    assert (entry.actor_id, entry.detail["says"]) == (lead.pk, "Faith Chebet covers Amina Odhiambo")
    page = signed_in(lead).get(answer.url)
    assert "Faith Chebet covers Amina Odhiambo." in text(page)
    assert "Dentist · by Grace Wanjiku" in text(page)


def test_an_override_that_makes_no_sense_is_refused_beside_its_field(signed_in, lead, amina, now):
    made = rota(amina, zone="UTC")
    url = reverse("rotas:override_add", args=[made.slug])
    asked = {
        "user": amina.pk,
        "replaces": amina.pk,
        "starts_at": "2020-01-02T08:00",
        "ends_at": "2020-01-02T07:00",
    }
    page = signed_in(lead).post(url, asked)
    assert page.status_code == 400
    assert page.context["form"].errors == {
        "user": ["Nobody covers themselves."],
        "ends_at": ["Must be after the start."],
    }
    page = signed_in(lead).post(url, {"starts_at": "soon", "ends_at": "2020-01-02T07:00"})
    assert page.context["form"].errors == {"starts_at": ["Write it as 2026-11-25T12:00."]}
    assert not Override.objects.exists()


@pytest.mark.parametrize("starts_in", [1, -1])
def test_a_lead_takes_an_override_back_and_what_was_stays(signed_in, lead, amina, faith, now, starts_in):
    made = rota(amina)
    row = override(made, now + starts_in * HOUR, now + 5 * HOUR, user=faith, replaces=amina)
    answer = signed_in(lead).post(reverse("rotas:override_remove", args=[made.slug, row.pk]))
    assert answer.status_code == 302
    left = list(Override.objects.all())
    assert [each.pk for each in left] == ([] if starts_in > 0 else [row.pk])
    assert all(now - HOUR < each.ends_at < now + HOUR for each in left)
    assert AuditEntry.objects.filter(action="rota.override_removed", actor_id=lead.pk).count() == 1


def test_an_override_that_is_over_stays(signed_in, lead, amina, faith, now):
    made = rota(amina)
    row = override(made, now - 5 * HOUR, now - HOUR, user=faith, replaces=amina)
    assert signed_in(lead).post(reverse("rotas:override_remove", args=[made.slug, row.pk])).status_code == 409
    assert Override.objects.filter(pk=row.pk).exists()


def test_responders_read_and_may_not_override(signed_in, amina, faith, now):
    made = rota(amina)
    row = override(made, now, now + HOUR, user=faith, replaces=amina)
    browser = signed_in(amina)
    assert browser.get(reverse("rotas:detail", args=[made.slug])).context["form"] is None
    assert browser.post(reverse("rotas:override_add", args=[made.slug]), {}).status_code == 403
    assert browser.post(reverse("rotas:override_remove", args=[made.slug, row.pk])).status_code == 403
    assert Override.objects.count() == 1


def test_stakeholders_see_no_rota(signed_in, amina):
    made = rota(amina)
    browser = signed_in(make.user("stakeholder"))
    assert browser.get(reverse("rotas:detail", args=[made.slug])).status_code == 404
    assert made.name not in text(browser.get(reverse("rotas:list")))
    assert browser.get(reverse("rotas:panel_now")).status_code == 403
    assert browser.get(reverse("rotas:my_shifts")).status_code == 403


def test_the_panel_of_the_sites_is_a_region_of_its_own(signed_in, amina):
    rota(amina)
    rota(make.user(name="Sunita Gurung", site=make.site()))
    html = signed_in(amina).get(reverse("rotas:panel_now")).content.decode()
    assert 'id="shifts-now"' in html
    assert "<html" not in html
    assert ("Amina Odhiambo, you" in html, "Sunita Gurung<" in html) == (True, True)


def test_my_shifts_are_mine(signed_in, amina, faith):
    rota(amina, faith, name="Days")
    rota(faith, name="Nights")
    html = signed_in(amina).get(reverse("rotas:my_shifts")).content.decode()
    assert ("Days" in html, "Nights" in html) == (True, False)
    assert "You are on no rota" in signed_in(make.user()).get(reverse("rotas:my_shifts")).content.decode()


def test_the_sidebar_says_that_i_am_on_call(signed_in, amina):
    rota(amina, make.user())
    other = make.user()
    until = [shift.end for shift in shifts_of(amina, clock.now()) if shift.is_now]
    for user in (amina, other):
        page = text(signed_in(user).get(reverse("rotas:list")))
        assert ("On call until" in page) is (user == amina and bool(until))


def test_a_retired_rota_stands_apart(signed_in, amina):
    rota(amina, name="Old nights", is_active=False)
    page = signed_in(amina).get(reverse("rotas:list"))
    assert "Retired: Old nights" in text(page)
    assert [now.rota.name for now in page.context["rotas"]] == []


def test_the_past_shows_who_stood_there_and_now_cuts_nothing_in_two(signed_in, amina, faith, now):
    made = rota(zone="UTC")
    layer(made, amina, priority=1)
    layer(made, faith, name="Below")
    amina.is_active = False
    amina.save()
    week = signed_in(make.user()).get(reverse("rotas:detail", args=[made.slug])).context["week"]
    assert [row.users for row in week.rows] == [(amina,), (faith,)]
    assert abs(week.rows[0].end - now) < timedelta(minutes=1)
    amina.is_active = True
    amina.save()
    week = signed_in(make.user()).get(reverse("rotas:detail", args=[made.slug])).context["week"]
    assert [(row.users, row.start, row.end, row.is_now) for row in week.rows] == [
        ((amina,), week.start, week.end, True)
    ]


def test_for_an_event_one_person_is_put_in_charge_alone(signed_in, lead, amina, faith, now):
    made = rota(amina, zone="Africa/Nairobi")
    asked = {
        "user": faith.pk,
        "starts_at": "2030-01-02T08:00",
        "ends_at": "2030-01-03T08:00",
        "takes_over": "on",
    }
    assert signed_in(lead).post(reverse("rotas:override_add", args=[made.slug]), asked).status_code == 302
    assert Override.objects.get().takes_over is True
