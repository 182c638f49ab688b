"""A breach judged again: one asks, another decides, both values stay."""

from datetime import timedelta

import pytest

from core.errors import IllegalState, Invalid, NotAllowed
from core.types import person
from incidents.domain import clocks, correcting, lifecycle, parties
from incidents.queries.promises import IN_TIME, decided, reached
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


def test_a_month_is_set_beside_its_goal_in_whole_promises(people):
    lena, maxi = people
    agreement = make.agreement({"SEV2": (15, 240)})
    agreement.versions.get().targets.filter(kind="acknowledge").update(goal_percent=75)
    service = make.service(agreement=agreement)
    incidents = [make.incident(service=service) for _ in range(4)]
    for incident in incidents[:2]:
        lifecycle.acknowledge(incident, actor=lena, now=NOW + MINUTE)
    clocks.tick(NOW + 20 * MINUTE)
    month = NOW.replace(day=1, hour=0), NOW + timedelta(days=1)

    def told():
        (row,) = [each for each in reached(agreement, *month) if each.kind == "acknowledge"]
        return row.kept, row.decided, row.holds

    assert told() == (2, 4, False)
    broken = incidents[3].clocks.get(kind="acknowledge")
    made = correcting.ask(
        incidents[3], broken.pk, actor=lena, now=NOW + 21 * MINUTE, verdict="kept", reason="By phone"
    )
    correcting.decide(made, actor=maxi, now=NOW + 22 * MINUTE, agree=True)
    assert told() == (3, 4, True)


def test_a_partys_month_counts_each_time_it_had_the_work():
    ola = make.agreement(
        {"SEV2": (30, 60)}, kind="ola", provider="engineering", receiver="l1", is_default=True
    )
    incident = make.incident()
    for start in (0, 200):
        parties.hand_to(incident, "engineering", team=make.team("engineering"), now=NOW + start * MINUTE)
        parties.hand_to(incident, "l1", team=None, now=NOW + (start + 50 + start // 4) * MINUTE)
    found = {each.kind: (each.kept, each.decided) for each in reached(ola, NOW, NOW + timedelta(days=1))}
    assert found == {"acknowledge": (0, 2), "resolve": (1, 2)}
