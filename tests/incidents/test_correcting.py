"""A breach judged again: one asks, another decides, both values stay."""

from datetime import timedelta

import pytest

from core.errors import IllegalState, Invalid, NotAllowed
from core.types import person
from incidents.domain import clocks, correcting, lifecycle
from incidents.queries.promises import IN_TIME, decided
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def people():
    return person(make.user("lead", name="Lena")), person(make.user("lead", name="Max"))


@pytest.fixture
def late():
    incident = make.incident()
    clocks.tick(NOW + 16 * MINUTE)
    lifecycle.acknowledge(incident, actor=person(make.user()), now=NOW + 20 * MINUTE)
    return incident, incident.clocks.get(kind="acknowledge")


def ask(late, who, verdict="kept", reason="The page was acknowledged by phone at 10:08"):
    incident, clock = late
    return correcting.ask(
        incident, clock.pk, actor=who, now=NOW + 60 * MINUTE, verdict=verdict, reason=reason
    )


def counted(late):
    rows = decided().filter(incident=late[0], kind="acknowledge")
    return rows.count(), rows.filter(IN_TIME).count()


@pytest.mark.parametrize(("verdict", "after"), [("kept", (1, 1)), ("excluded", (0, 0))])
def test_two_agree_and_it_counts_otherwise(late, people, verdict, after):
    lena, maxi = people
    made = ask(late, lena, verdict)
    assert counted(late) == (1, 0)
    correcting.decide(made, actor=maxi, now=NOW + 61 * MINUTE, agree=True)
    assert counted(late) == after
    clock = late[0].clocks.get(kind="acknowledge")
    assert (clock.breached_at, clock.verdict) == (NOW + 15 * MINUTE, verdict)
    line = late[0].entries.filter(kind="clock").latest("pk")
    assert (line.data["breached_at"], line.data["verdict"]) == (clock.breached_at.isoformat(), verdict)


def test_whoever_asks_does_not_decide_and_who_is_no_lead_neither(late, people):
    lena, _maxi = people
    made = ask(late, lena)
    for who in (lena, person(make.user())):
        with pytest.raises(NotAllowed):
            correcting.decide(made, actor=who, now=NOW + 61 * MINUTE, agree=True)
    assert counted(late) == (1, 0)


def test_refused_it_stays_and_may_be_asked_for_again(late, people):
    lena, maxi = people
    made = ask(late, lena)
    with pytest.raises(Invalid):
        correcting.decide(made, actor=maxi, now=NOW + 61 * MINUTE, agree=False)
    correcting.decide(made, actor=maxi, now=NOW + 61 * MINUTE, agree=False, words="No trace of that call")
    with pytest.raises(IllegalState):
        correcting.decide(made, actor=maxi, now=NOW + 62 * MINUTE, agree=True)
    assert counted(late) == (1, 0)
    ask(late, lena)


def test_only_a_breach_is_corrected_once_at_a_time_and_with_a_reason(late, people):
    lena, _maxi = people
    with pytest.raises(Invalid):
        ask(late, lena, reason="  ")
    with pytest.raises(Invalid):
        ask(late, lena, verdict="forgotten")
    ask(late, lena)
    with pytest.raises(IllegalState):
        ask(late, lena)
    incident = late[0]
    with pytest.raises(IllegalState):
        correcting.ask(
            incident, incident.clocks.get(kind="resolve").pk, actor=lena, now=NOW, verdict="kept", reason="x"
        )
    with pytest.raises(Invalid):
        correcting.ask(make.incident(), late[1].pk, actor=lena, now=NOW, verdict="kept", reason="x")
