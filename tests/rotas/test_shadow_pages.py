"""People in training on pages, in calendars and by the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from core import clock
from core.types import person
from core.zones import to_local
from rotas.domain import feeds
from rotas.models import Shadow
from tests import make
from tests.rotas.make import DAY, HOUR, rota
from tests.rotas.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def lead(client):
    who = make.user("lead", name="Grace")
    client.force_login(who)
    return who


@pytest.fixture
def tara():
    return make.user(name="Tara Basnet")


def shadow(made, user, start, end, kind="shadow") -> Shadow:
    return Shadow.objects.create(
        rota=made, user=user, kind=kind, starts_at=start, ends_at=end, created_at=start
    )


def typed(user, start, end, **fields) -> dict:
    values = {
        "shadow-user": user.pk,
        "shadow-kind": "shadow",
        "shadow-starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "shadow-ends_at": f"{end:%Y-%m-%dT%H:%M}",
    }
    return {**values, **fields}


def test_a_lead_enters_somebody_on_the_rota_s_own_clock(client, lead, amina, tara, now):
    made = rota(amina, name="Nights", zone="Asia/Kathmandu")
    page = client.get(reverse("rotas:detail", args=[made.slug]))
    assert "Nobody learns beside whoever is on call." in text(page)
    wall = to_local(now + DAY, "Asia/Kathmandu").replace(second=0, microsecond=0)
    answer = client.post(
        reverse("rotas:shadow_add", args=[made.slug]), typed(tara, wall, wall + 2 * HOUR), follow=True
    )
    assert "Tara Basnet is in training, and was told." in text(answer)
    (row,) = Shadow.objects.all()
    assert to_local(row.starts_at, "Asia/Kathmandu") == wall
    assert (row.ends_at - row.starts_at, row.created_by) == (2 * HOUR, lead)
    assert "Tara Basnet Shadow: watches" in text(answer)


def test_what_is_wrong_stands_beside_its_field_and_the_override_form_is_left_alone(
    client, lead, amina, tara, now
):
    made = rota(amina)
    url = reverse("rotas:shadow_add", args=[made.slug])
    answer = client.post(url, typed(tara, now + DAY, now))
    assert answer.status_code == 400
    assert answer.context["shadow_form"].errors == {"ends_at": ["Must be after the start."]}
    assert not answer.context["form"].is_bound
    assert 'id="id_shadow-ends_at_error"' in answer.content.decode()
    nobody = client.post(url, {})
    assert set(nobody.context["shadow_form"].errors) == {"user", "kind", "starts_at", "ends_at"}
    shadow(made, tara, now, now + DAY)
    again = client.post(url, typed(tara, now, now + HOUR))
    assert set(again.context["shadow_form"].errors) == {"user"}


def test_one_is_taken_back_and_one_that_is_over_is_refused(client, lead, amina, tara, now):
    made = rota(amina)
    coming, over = (
        shadow(made, tara, now + DAY, now + 2 * DAY),
        shadow(made, tara, now - 2 * DAY, now - DAY),
    )
    page = text(client.get(reverse("rotas:detail", args=[made.slug])))
    assert page.count("Take back Tara Basnet") == 1
    answer = client.post(reverse("rotas:shadow_remove", args=[made.slug, coming.pk]), follow=True)
    assert "The training is taken back." in text(answer)
    assert client.post(reverse("rotas:shadow_remove", args=[made.slug, over.pk])).status_code == 409
    assert list(Shadow.objects.all()) == [over]
    assert client.post(reverse("rotas:shadow_remove", args=[rota().slug, over.pk])).status_code == 404


def test_a_responder_sees_who_learns_and_no_form(client, amina, tara, now):
    made = rota(amina)
    shadow(made, tara, now - HOUR, now + HOUR, "reverse")
    client.force_login(amina)
    page = client.get(reverse("rotas:detail", args=[made.slug]))
    assert "Tara Basnet Reverse shadow: leads, watched Now" in text(page)
    assert "Enter somebody in training" not in text(page)


def test_the_week_draws_who_learns_and_a_rota_without_has_no_such_strip(client, lead, amina, tara, now):
    uma = make.user(name="Uma Rai")
    made = rota(amina, zone="UTC")
    week = client.get(reverse("rotas:detail", args=[made.slug]), {"week": "2026-03-04"}).context["week"]
    assert [strip.kind for strip in week.strips] == ["truth", "layer"]
    monday = week.start
    shadow(made, tara, monday + DAY, monday + 3 * DAY)
    shadow(made, uma, monday + 2 * DAY, monday + 9 * DAY, "reverse")
    shadow(made, amina, monday - 3 * DAY, monday - DAY)
    week = client.get(reverse("rotas:detail", args=[made.slug]), {"week": "2026-03-04"}).context["week"]
    (strip,) = [strip for strip in week.strips if strip.kind == "shadows"]
    assert [block.title for block in strip.blocks] == [
        "Tara Basnet: Shadow: watches, Tue 3 00:00 to Wed 4 00:00 UTC",
        "Tara Basnet: Shadow: watches; Uma Rai: Reverse shadow: leads, watched, Wed 4 00:00 to Thu 5 00:00 UTC",
        "Uma Rai: Reverse shadow: leads, watched, Thu 5 00:00 to Wed 11 00:00 UTC",
    ]
    assert {block.css for block in strip.blocks} == {"sh-shadow"}
    assert all(tara not in row.users and uma not in row.users for row in week.rows)


def test_three_in_training_cost_what_one_costs(client, lead, amina, now):
    made = rota(amina)

    def questions() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("rotas:detail", args=[made.slug])).status_code == 200
        return len(seen)

    shadow(made, make.user(site=make.site()), now, now + DAY)
    questions()
    few = questions()
    for _ in range(3):
        shadow(made, make.user(site=make.site()), now, now + DAY)
    assert questions() == few


def test_my_shifts_name_it_as_training(client, amina, tara, now):
    shadow(rota(amina, name="Nights"), tara, now - HOUR, now + HOUR)
    shadow(rota(amina, name="Far"), tara, now + 40 * DAY, now + 41 * DAY)
    shadow(rota(amina, name="Old", is_active=False), tara, now - HOUR, now + HOUR)
    client.force_login(tara)
    page = text(client.get(reverse("rotas:my_shifts")))
    assert "You are on no rota in the next four weeks." in page
    assert "In training Nights Now Shadow: watches" in page
    assert "Far" not in page and "Old" not in page


def test_their_own_calendar_has_it_marked_and_the_rota_s_calendar_has_not(amina, tara, now):
    made = rota(name="Nights")
    row = shadow(made, tara, now - HOUR, now + DAY, "reverse")

    def read(of):
        _feed, secret = feeds.begin_feed(tara, of, actor=person(tara), now=now)
        answer = Client().get(reverse("rotas:feed", kwargs={"secret": secret}))
        return Calendar.from_ical(answer.content).walk("VEVENT")

    (event,) = read(None)
    assert str(event["SUMMARY"]) == "Reverse shadow: Nights"
    assert (event.start, event.end, str(event["TRANSP"])) == (row.starts_at, row.ends_at, "TRANSPARENT")
    assert str(event["UID"]).split("@")[0].endswith(f"-{tara.pk}-shadow")
    assert "You lead" in str(event["DESCRIPTION"])
    assert read(made) == []


@pytest.fixture
def api(client):
    def ask(user, method, path, data=None, **more):
        client.force_login(user)
        return getattr(client, method)(f"/api/v1/{path}", data, content_type="application/json", **more)

    return ask


def test_by_the_api_from_entered_to_taken_back(api, lead, amina, tara, now):
    made = rota(amina, slug="nights")
    rota(amina, slug="days")
    wanted = {
        "user": tara.email,
        "kind": "reverse",
        "starts_at": (now - HOUR).isoformat(),
        "ends_at": (now + DAY).isoformat(),
    }
    assert api(amina, "post", "rotas/nights/shadows/", wanted).status_code == 403
    answer = api(lead, "post", "rotas/nights/shadows/", wanted, headers={"Idempotency-Key": "one"})
    assert answer.status_code == 201, answer.json()
    entered = answer.json()
    assert {name: entered[name] for name in ("rota", "user", "kind", "created_by")} == {
        "rota": "nights",
        "user": tara.email,
        "kind": "reverse",
        "created_by": lead.email,
    }
    again = api(lead, "post", "rotas/nights/shadows/", wanted, headers={"Idempotency-Key": "one"})
    assert (again.status_code, again.json()["id"]) == (201, entered["id"])
    assert api(amina, "get", "rotas/nights/shadows/").json()["results"] == [entered]
    assert api(amina, "get", "rotas/days/shadows/").json()["results"] == []
    assert api(lead, "delete", f"rotas/days/shadows/{entered['id']}/").status_code == 404
    assert api(amina, "delete", f"rotas/nights/shadows/{entered['id']}/").status_code == 403
    left = api(lead, "delete", f"rotas/nights/shadows/{entered['id']}/")
    assert left.status_code == 200 and left.json()["ends_at"] < wanted["ends_at"]
    assert api(lead, "delete", f"rotas/nights/shadows/{entered['id']}/").status_code == 409
    coming = shadow(made, tara, now + 2 * DAY, now + 3 * DAY)
    assert api(lead, "delete", f"rotas/nights/shadows/{coming.pk}/").status_code == 204
    assert api(lead, "get", "rotas/none/shadows/").status_code == 404
    outsider = make.user("stakeholder")
    assert api(outsider, "get", "rotas/nights/shadows/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user": "x@y"}, "user"),
        ({"kind": "ghost"}, "kind"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
    ],
)
def test_what_the_api_can_not_take_names_its_field(api, lead, amina, tara, now, change, field):
    rota(amina, slug="nights")
    wanted = {
        "user": tara.email,
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
        **change,
    }
    answer = api(lead, "post", "rotas/nights/shadows/", wanted)
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {field}
    assert not Shadow.objects.exists()


def test_the_list_is_filtered_and_turns_pages(api, amina, tara, now):
    made = rota(amina, slug="nights")
    rows = [shadow(made, tara, now + n * DAY, now + n * DAY + HOUR) for n in range(3)]
    shadow(made, make.user(name="Uma"), now - 3 * DAY, now - 2 * DAY, "reverse")

    def ids(query):
        return [row["id"] for row in api(amina, "get", f"rotas/nights/shadows/{query}").json()["results"]]

    assert ids("?search=tara") == [row.pk for row in reversed(rows)]
    assert ids("?kind=shadow&limit=1") == [rows[2].pk]
    assert len(ids("?kind=reverse")) == 1
    assert len(ids("?starts_before=" + now.isoformat().replace("+", "%2B"))) == 1
    assert api(amina, "get", "rotas/nights/shadows/?kind=ghost").status_code == 400
    page = api(amina, "get", "rotas/nights/shadows/?limit=3&count=true").json()
    assert (page["count"], len(page["results"])) == (4, 3) and page["next"]
