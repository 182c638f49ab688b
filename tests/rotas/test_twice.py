"""One person on call of two rotas at once: found, told, and never refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from rotas.domain import covering
from rotas.domain.patterns import pattern_at
from rotas.domain.twice import Overlap, Seat, in_two_places
from rotas.models import Override, Shadow
from rotas.queries.gaps import covered
from rotas.queries.preview import preview
from rotas.queries.twice import twice_by, twice_within
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, layer, override, rota
from tests.rotas.test_pages import text

pytestmark = pytest.mark.django_db


def seat(person, where, start, end) -> Seat:
    return Seat(person, where, NOW + start * HOUR, NOW + end * HOUR)


def overlap(person, rotas, start, end) -> Overlap:
    return Overlap(person, rotas, NOW + start * HOUR, NOW + end * HOUR)


def test_two_rotas_at_once_are_found_and_what_only_touches_is_not():
    seats = [seat(1, 10, 0, 4), seat(1, 20, 3, 6), seat(1, 30, 6, 7), seat(2, 20, 0, 9)]
    assert in_two_places(seats) == [overlap(1, (10, 20), 3, 4)]


def test_what_goes_on_without_a_break_is_one_and_two_seats_of_one_rota_are_none():
    seats = [seat(1, 10, 0, 4), seat(1, 10, 4, 8), seat(1, 10, 2, 3), seat(1, 20, 1, 9), seat(1, 20, 20, 21)]
    assert in_two_places(seats) == [overlap(1, (10, 20), 1, 8)]


def test_three_places_are_three_pairs():
    seats = [seat(1, 30, 0, 4), seat(1, 20, 1, 4), seat(1, 10, 2, 3)]
    assert in_two_places(seats) == [
        overlap(1, (20, 30), 1, 4),
        overlap(1, (10, 20), 2, 3),
        overlap(1, (10, 30), 2, 3),
    ]


SEATS = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(0, 12), st.integers(1, 6)).map(
        lambda row: seat(row[0], row[1], row[2], row[2] + row[3])
    ),
    max_size=12,
)


@given(SEATS)
def test_it_says_of_each_hour_what_counting_says(seats):
    found = in_two_places(seats)
    for hour in range(19):
        at = NOW + hour * HOUR
        by_hand = {
            (a.person, *sorted((a.rota, b.rota)))
            for a in seats
            for b in seats
            if a.person == b.person and a.rota != b.rota and a.start <= at < a.end and b.start <= at < b.end
        }
        assert {(each.person, *each.rotas) for each in found if each.start <= at < each.end} == by_hand
    for one in found:
        assert not any(
            other is not one
            and (other.person, other.rotas) == (one.person, one.rotas)
            and other.start <= one.end
            and other.end >= one.start
            for other in found
        )


def test_training_is_no_seat_and_an_override_is_one(amina, brian):
    first, second = rota(amina, name="L1"), rota(brian, name="L2")
    Shadow.objects.create(
        rota=second, user=amina, kind="reverse", starts_at=NOW, ends_at=NOW + DAY, created_at=NOW
    )
    assert twice_within(covered([first, second], NOW, NOW + DAY)) == []
    override(second, NOW + HOUR, NOW + 3 * HOUR, user=amina, replaces=brian)
    (each,) = twice_within(covered([first, second], NOW, NOW + DAY))
    assert (each.user, {rota.name for rota in each.rotas}) == (amina, {"L1", "L2"})
    assert (each.start, each.end) == (NOW + HOUR, NOW + 3 * HOUR)
    assert each.words == "Amina is on call of L1 and L2 Wed 4 Mar 09:00 to 11:00 UTC"


def test_a_standby_beside_shift_work_is_no_second_place(amina):
    shifts, standby = rota(name="L2"), rota(name="Managers", is_standby=True)
    for each in (shifts, standby):
        layer(each, amina)
    assert twice_within(covered([shifts, standby], NOW, NOW + DAY)) == []
    standby.is_standby = False
    standby.save()
    assert len(twice_within(covered([shifts, standby], NOW, NOW + DAY))) == 1


def test_an_override_meets_what_is_written_elsewhere_only_while_its_place_is_called(amina, brian):
    """Brian is on in the mornings; who covers him is not on call in the afternoon."""
    days, nights = rota(name="Days"), rota(name="Nights")
    layer(days, brian, hours=(8, 12))
    layer(nights, amina, hours=(10, 20))
    for each in (days, nights):
        covering.derive(each.pk, NOW)
    covers = override(days, NOW, NOW + 12 * HOUR, user=amina, replaces=brian)
    with CaptureQueriesContext(connection) as seen:
        (found,) = twice_by(covers)
    assert len(seen) == 1
    assert (found.start, found.end) == (NOW + 2 * HOUR, NOW + 4 * HOUR)
    added = override(days, NOW, NOW + 12 * HOUR, user=amina)
    assert [(each.start, each.end) for each in twice_by(added)] == [(NOW + 2 * HOUR, NOW + 12 * HOUR)]
    assert twice_by(Override(rota=days, replaces=brian, starts_at=NOW, ends_at=NOW + DAY)) == []
    nights.is_active = False
    nights.save()
    assert twice_by(added) == []


def test_a_planned_pattern_says_where_it_puts_somebody_in_two_places(amina, brian):
    days, nights = rota(brian, name="Days"), rota(amina, name="Nights")
    covering.derive(nights.pk, NOW)
    (planned,) = pattern_at(days, NOW)
    found = preview(days, [type(planned)(**{**_fields(planned), "turns": ((amina.pk,),)})], NOW + DAY, NOW)
    assert {each.user for each in found.twice} == {amina}
    assert found.twice[0].start == NOW + DAY
    assert preview(days, [planned], NOW + DAY, NOW).twice == ()


def _fields(planned) -> dict:
    return {name: getattr(planned, name) for name in planned.__dataclass_fields__}


# pages


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def lead(client):
    who = make.user("lead", name="Grace")
    client.force_login(who)
    return who


def test_the_coverage_page_lists_both_rotas_and_the_hours(client, lead, amina, brian, now):
    one, two = rota(amina, name="First line"), rota(brian, name="Second line")
    rota(lead, name="Elsewhere")
    page = client.get(reverse("rotas:coverage"))
    assert "In two places" not in text(page)
    override(two, now + HOUR, now + 3 * HOUR, user=amina)
    page = client.get(reverse("rotas:coverage"))
    said = text(page).split("In two places")[1]
    assert "Amina" in said and "First line" in said and "Second line" in said and "Elsewhere" not in said
    (each,) = page.context["twice"]
    assert (each.start, each.end) == (now + HOUR, now + 3 * HOUR)
    assert len(client.get(reverse("rotas:coverage"), {"rota": one.slug}).context["twice"]) == 1
    elsewhere = client.get(reverse("rotas:coverage"), {"rota": "none"})
    assert len(elsewhere.context["twice"]) == 1


def test_of_a_chosen_rota_only_its_own(client, lead, amina, brian, now):
    rota(amina), rota(amina)
    other = rota(brian)
    page = client.get(reverse("rotas:coverage"), {"rota": other.slug})
    assert page.context["twice"] == []
    assert client.get(reverse("rotas:coverage")).context["twice"] != []


def test_an_override_that_is_added_warns_and_is_kept(client, lead, amina, brian, now):
    days, nights = rota(brian, name="Days", zone="UTC"), rota(amina, name="Nights")
    covering.derive(nights.pk, now)
    start = (now + DAY).replace(second=0)
    typed = {"user": amina.pk, "replaces": "", "reason": ""}
    answer = client.post(
        reverse("rotas:override_add", args=[days.slug]),
        {
            **typed,
            "starts_at": f"{start:%Y-%m-%dT%H:%M}",
            "ends_at": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        },
        follow=True,
    )
    assert "In two places: Amina is on call of " in text(answer)
    assert Override.objects.count() == 1
