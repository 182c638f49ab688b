"""The strip of the sites."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.types import SYSTEM
from rotas.domain import covering
from rotas.domain.overrides import add_override
from rotas.queries.now import site_shifts
from tests import make
from tests.rotas.make import layer, override, rota

pytestmark = pytest.mark.django_db

# 19:38 in Nairobi, 22:23 in Kathmandu, 11:38 in Bogotá
EVENING = datetime(2026, 11, 23, 16, 38, tzinfo=UTC)


@pytest.fixture
def sun():
    """Three sites of one rota: Kathmandu 06:45–14:45, Nairobi 12:00–20:00, Bogotá 12:00–20:00, local times."""
    sites = [
        make.site(name="Kathmandu", zone="Asia/Kathmandu", hue="ktm", position=1),
        make.site(name="Nairobi", zone="Africa/Nairobi", hue="nbo", position=2),
        make.site(name="Bogotá", zone="America/Bogota", hue="bog", position=3),
    ]
    made = rota(level="l1", name="Follow the sun")
    people = []
    for site, opens in zip(sites, ((6, 14), (12, 20), (12, 20)), strict=True):
        person = make.user(name=f"Person of {site.name}", site=site)
        row = layer(made, person, hours=opens, zone=site.zone, site=site)
        if site.name == "Kathmandu":
            window = row.windows.get()
            window.start, window.end = window.start.replace(minute=45), window.end.replace(minute=45)
            window.save()
        people.append(person)
    return made, sites, people


def strip(at):
    """The strip, which is the same worked out on the spot and read from the cover that is written down."""
    worked_out = site_shifts(at)
    covering.touch(None, at, at)
    covering.tick(at)
    with CaptureQueriesContext(connection) as asked:
        assert site_shifts(at) == worked_out
    assert len(asked) <= 4
    return worked_out


def test_each_site_says_who_when_and_to_whom(sun):
    _, (kathmandu, nairobi, bogota), (sunita, brian, camila) = sun
    shifts = strip(EVENING)
    assert [(s.site, s.state, s.to_site) for s in shifts] == [
        (kathmandu, "off", nairobi),
        (nairobi, "on", bogota),
        (bogota, "next", kathmandu),
    ]
    assert [[(c.level, c.users) for c in s.crews] for s in shifts] == [
        [("L1", (sunita,))],
        [("L1", (brian,))],
        [("L1", (camila,))],
    ]
    hours = [(s.start, s.end) for s in shifts]
    assert hours == [
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), datetime(2026, 11, 24, 1, 0, tzinfo=UTC)),
    ]
    assert [s.done for s in shifts] == [0.0, 95.4, 0.0]
    assert [f"{s.local:%H:%M}" for s in shifts] == ["22:23", "19:38", "11:38"]


def test_a_gap_at_the_end_of_a_shift_is_said(sun):
    made, _, (_, _, camila) = sun
    override(made, EVENING, EVENING + timedelta(hours=9), replaces=camila)
    nairobi = strip(EVENING)[1]
    assert (nairobi.state, nairobi.to_site) == ("on", None)
    assert nairobi.end == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def test_a_cover_by_a_colleague_is_the_same_shift(sun):
    made, (_, site, _), (_, brian, _) = sun
    faith = make.user(name="Faith", site=site)
    override(made, EVENING - timedelta(hours=1), EVENING + timedelta(hours=9), user=faith, replaces=brian)
    nairobi = strip(EVENING)[1]
    assert nairobi.start == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert [crew.users for crew in nairobi.crews] == [(faith,)]


def test_l2_stands_beside_l1(sun):
    _, (_, site, _), _ = sun
    grace = make.user(name="Grace", site=site)
    layer(rota(level="l2"), grace, zone=site.zone)
    nairobi = strip(EVENING)[1]
    assert [(crew.level, crew.users[0].name) for crew in nairobi.crews] == [
        ("L2", "Grace"),
        ("L1", "Person of Nairobi"),
    ]
    assert nairobi.end == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def test_a_site_without_anybody_on_call_is_off():
    make.site()
    (only,) = strip(EVENING)
    assert (only.state, only.start, only.crews) == ("off", None, ())


def test_the_strip_takes_the_same_queries_for_many_rotas(sun, django_assert_num_queries):
    for _ in range(3):
        layer(rota(level="l2"), make.user(site=sun[1][0]))
    with django_assert_num_queries(5):
        site_shifts(EVENING)


def test_what_was_written_down_before_a_change_is_not_shown_after_it(sun):
    made, (_, site, _), (_, brian, _) = sun
    covering.tick(EVENING)
    faith = make.user(name="Faith", site=site)
    add_override(
        made, user=faith, replaces=brian, starts_at=EVENING - timedelta(hours=1), ends_at=EVENING + timedelta(hours=9),
        reason="", actor=SYSTEM, now=EVENING,
    )  # fmt: skip
    assert site_shifts(EVENING)[1].crews[0].users == (faith,)


def test_whoever_has_just_left_is_not_shown_though_written_down(sun):
    _, _, (_, brian, _) = sun
    covering.tick(EVENING)
    User.objects.filter(pk=brian.pk).update(is_active=False)
    assert all(brian not in crew.users for each in site_shifts(EVENING) for crew in each.crews)
