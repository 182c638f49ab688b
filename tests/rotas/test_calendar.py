"""Everybody's shifts, whatever the view."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rotas.domain import covering
from rotas.models import LayerMember
from rotas.queries.calendar import calendar, days_of, spans_between
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, layer, rota

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("view", "first", "following"),
    [
        ("day", date(2026, 3, 4), date(2026, 3, 5)),
        ("week", date(2026, 3, 2), date(2026, 3, 9)),
        ("month", date(2026, 3, 1), date(2026, 4, 1)),
        ("quarter", date(2026, 1, 1), date(2026, 4, 1)),
    ],
)
def test_which_days_a_view_holds(view, first, following):
    assert days_of(view, date(2026, 3, 4)) == (first, following)


def test_the_last_quarter_ends_with_the_year():
    assert days_of("quarter", date(2026, 12, 31)) == (date(2026, 10, 1), date(2027, 1, 1))


def test_what_was_is_as_it_was_and_what_comes_as_planned(amina, brian):
    made = rota()
    layer(made, amina, anchor=NOW - 30 * DAY)
    covering.tick(NOW)
    LayerMember.objects.update(user=brian)
    spans = spans_between([made], NOW - 2 * DAY, NOW + 2 * DAY, NOW)
    assert [(str(span.users[0]), span.start, span.end) for span in spans] == [
        ("Amina", NOW - 2 * DAY, NOW),
        ("Brian", NOW, NOW + 2 * DAY),
    ]


@pytest.mark.parametrize(
    ("by", "names"), [("rota", ["Nights"]), ("person", ["Amina", "Brian"]), ("site", ["–"])]
)
def test_a_row_for_each(amina, brian, by, names):
    made = rota(amina, brian, name="Nights")
    found = calendar([made], NOW.date(), NOW, view="week", by=by, zone="UTC")
    assert [row.name for row in found.rows] == names
    assert len(found.heads) == 7


@pytest.mark.parametrize(
    "query",
    ["", "view=quarter&by=person", "view=month&by=site&zone=Asia/Kathmandu", "view=x&by=y&zone=z&day=q"],
)
def test_the_page(client, amina, brian, query):
    rota(amina, brian)
    client.force_login(amina)
    assert client.get(reverse("rotas:calendar") + "?" + query).status_code == 200


def test_ten_rotas_cost_as_many_queries_as_one(client, amina):
    def count() -> int:
        client.get(reverse("rotas:calendar"), {"view": "quarter"})
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("rotas:calendar"), {"view": "quarter"})
        return len(queries)

    client.force_login(make.user())
    rota(amina)
    one = count()
    for _ in range(9):
        rota(amina)
    assert count() == one
    assert one <= 12


def test_the_present_moment_cuts_no_shift_in_two(amina, brian):
    made = rota(amina, brian)
    covering.tick(NOW)
    moment = NOW + timedelta(hours=2, microseconds=123_456)
    for span in spans_between([made], NOW - DAY, NOW + 2 * DAY, moment)[1:-1]:
        assert span.end - span.start == DAY
