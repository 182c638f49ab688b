"""Cover that is thin soon, in the operations room."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.zones import to_local
from rotas.domain import covering
from rotas.models import Skill
from rotas.queries.ahead import gaps_ahead
from tests import make
from tests.reporting.test_room import browse
from tests.rotas.make import DAY, HOUR, handover, layer, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def told(made, *gaps) -> None:
    made.told_gaps = [[start.isoformat(), end.isoformat(), skill] for start, end, skill in gaps]
    made.save(update_fields=["told_gaps"])


def test_nothing_stands_there_where_nothing_is_thin(now):
    rota(make.user())
    page = browse(make.user()).get("/")
    assert page.context["gaps"] == []
    assert "gap ahead" not in words(page) and "gaps ahead" not in words(page)


def test_what_the_engine_found_is_listed_soonest_first_in_the_reader_s_zone(now):
    reader = make.user(site=make.site(zone="Asia/Kathmandu"))
    nights, days = rota(name="Nights", slug="nights"), rota(name="Days", slug="days")
    start = (now + 30 * HOUR).replace(minute=0, second=0)
    told(nights, (start, start + 2 * HOUR, None))
    told(days, (now - HOUR, now + HOUR, None), (start + 3 * HOUR, start + 4 * HOUR, 7))
    page = browse(reader).get("/")
    said = words(page)
    assert "Cover: 3 gaps ahead" in said
    found = [(gap.rota, gap.is_now, gap.wants_skill) for gap in page.context["gaps"]]
    assert found == [("Days", True, False), ("Nights", False, False), ("Days", False, True)]
    local = to_local(start, "Asia/Kathmandu")
    assert f"{local:%H:%M}" in said.split("Cover: 3 gaps ahead")[1].split("Nights")[1]
    assert "without the skill" in said
    assert 'href="/rotas/coverage/?rota=nights"' in page.content.decode()


def test_only_what_lies_in_the_next_three_days_and_of_rotas_in_use(now):
    made = rota(name="Nights")
    told(
        made,
        (now - 2 * HOUR, now - HOUR, None),
        (now + 71 * HOUR, now + 80 * HOUR, None),
        (now + 72 * HOUR, now + 73 * HOUR, None),
    )
    told(rota(name="Old", is_active=False), (now, now + HOUR, None))
    (gap,) = gaps_ahead(now)
    assert (gap.rota, gap.start, gap.end) == ("Nights", now + 71 * HOUR, now + 72 * HOUR)


def test_it_says_what_the_cover_engine_wrote_and_is_gone_when_that_is_filled(now):
    person = make.user()
    made = rota(name="Days", zone="UTC")
    half = layer(made, person, hours=(0, 12), anchor=now.replace(hour=0, minute=0, second=0))
    covering.derive(made.pk, now)
    gaps = gaps_ahead(now)
    assert gaps and all(gap.end - gap.start <= 12 * HOUR for gap in gaps)
    half.windows.all().delete()
    covering.touch([made.pk], now, now)
    covering.derive(made.pk, now)
    assert gaps_ahead(now) == []


def test_a_skill_that_is_missing_counts_too(now):
    skill = Skill.objects.create(slug="spark", name="Spark")
    made = rota(make.user(), name="Days", zone="UTC")
    made.needs.create(people=1, weekdays=list(range(7)), start="00:00", end="00:00", skill=skill)
    covering.derive(made.pk, now)
    assert [gap.wants_skill for gap in gaps_ahead(now)][:1] == [True]


def test_outsiders_see_nothing_of_it_and_a_poll_brings_it_up_to_date(now):
    made = rota(name="Nights")
    told(made, (now + HOUR, now + DAY, None))
    stranger = browse(make.user("stakeholder")).get("/")
    assert stranger.context["gaps"] == [] and "Nights" not in words(stranger)
    region = browse(make.user()).get("/", headers={"X-Live": "1"})
    assert "Cover: 1 gap ahead" in words(region)


def test_it_costs_one_question_however_many_there_are(now):
    browser = browse(make.user())

    def questions() -> int:
        browser.get("/", headers={"X-Live": "1"})
        with CaptureQueriesContext(connection) as found:
            browser.get("/", headers={"X-Live": "1"})
        return len(found)

    none = questions()
    for n in range(4):
        told(rota(), *[(now + (n + k) * HOUR, now + (n + k + 1) * HOUR, None) for k in range(5)])
    assert questions() == none <= 12
    with CaptureQueriesContext(connection) as found:
        assert len(gaps_ahead(now)) == 20
    assert len(found) == 1


def test_long_lists_are_cut(now):
    told(rota(), *[(now + n * HOUR, now + n * HOUR + timedelta(minutes=30), None) for n in range(1, 9)])
    page = words(browse(make.user()).get("/"))
    assert "Cover: 8 gaps ahead" in page and "and 3 more" in page


def test_with_all_there_is_to_show_the_room_asks_twelve_times_at_most(now, django_assert_max_num_queries):
    """Somebody who is on call, cover that is written down, a gap ahead, hand-overs that wait, an open incident."""
    site = make.site()
    reader, other = make.user(site=site), make.user(site=site)
    made = [rota(reader, other, name=f"Rota {n}") for n in range(3)]
    make.incident(now=now)
    covering.tick(now)
    for each in made:
        told(each, (now + HOUR, now + 2 * HOUR, None))
        handover(each, [other], [reader], at=now)
    browser = browse(reader)
    browser.get("/")
    with django_assert_max_num_queries(12):
        page = browser.get("/")
    assert len(page.context["gaps"]) == len(page.context["handovers"]) == 3
    assert page.context["shifts"][0].state == "on"
