"""Everybody's shifts, whatever the view."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from rotas.domain import covering
from rotas.models import LayerMember
from rotas.queries.calendar import calendar, days_of, spans_between
from rotas.queries.week import Block
from rotas.templatetags.rota import strip_blocks
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, layer, override, rota

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


@pytest.mark.parametrize("by", ["rota", "person", "site"])
def test_ten_rotas_of_a_quarter_with_a_past_cost_twelve_queries(client, by, engines_known):
    now = clock.now()
    for _ in range(10):
        made = rota()
        for hours in ((0, 8), (8, 16), (16, 24)):
            crew = [make.user(site=make.site()) for _ in range(2)]
            layer(made, *crew, hours=hours, anchor=now - 100 * DAY)
        override(made, now, now + DAY, user=crew[0])
        covering.derive(made.pk, now - 60 * DAY)
        covering.derive(made.pk, now)
    client.force_login(make.user(site=make.site()))
    asked = {"view": "quarter", "by": by}
    client.get(reverse("rotas:calendar"), asked)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("rotas:calendar"), asked)
    rows = page.context["calendar"].rows
    assert len(rows) >= 10
    # a day of three shifts each
    assert sum(len(row.blocks) for row in rows) > 10 * 3 * 85
    assert len(queries) <= 12


def test_names_are_text_in_what_is_drawn(client):
    made = rota(make.user(name="<script>alert(1)</script> & Co"), name="Nights")
    client.force_login(make.user())
    for view in ("week", "quarter"):
        shown = client.get(reverse("rotas:calendar"), {"view": view}).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in shown
        assert "<script>alert" not in shown
        assert f'href="/rotas/{made.slug}/"' in shown


def test_a_narrow_block_has_a_title_and_no_empty_text():
    wide = Block("0%", "10%", "5%", "sh-nbo", "AO", "Amina, Wed")
    blocks = [wide, Block("10%", "1%", "10.5%", "sh-gap", "", "Nobody")]
    drawn = str(strip_blocks(blocks, 4, 22))
    assert drawn.count("<g>") == drawn.count("</g>") == 2
    assert drawn.count("<text") == 1
    assert '<title>Nobody</title><rect class="sh sh-gap" x="10%" width="1%" y="4"' in drawn
