"""Standards: what each says, what is kept of it, and who mends what is missed."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Invalid
from core.types import person
from monitoring.queries.standards import alerts
from rotas.domain import covering
from rotas.models import Cover, FireDrill
from rotas.queries import standards as of_rotas
from runbooks.models import Runbook
from runbooks.queries import standards as of_runbooks
from services import readiness, tasks
from services.domain import readiness as keeping
from services.models import Activity, Dependency, PartyTerms, ReadinessChange, ReadinessDay, ReadinessResult
from services.queries import standards
from services.types import Result
from tests import make
from tests.make import NOW
from tests.rotas import make as rota_make
from tests.services import operating

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def only(monkeypatch):
    """Nothing but one standard, whose word is in the fixture's dictionary: service slug → Result."""
    said = {}
    monkeypatch.setattr(readiness, "_standards", {})
    readiness.register(
        "lamp",
        label="Has a lamp",
        why="It is dark",
        how_to_fix="Light it",
        check=lambda services, now: {s.pk: said[s.slug] for s in services if s.slug in said},
    )
    return said


def results():
    rows = ReadinessResult.objects.order_by("service__slug")
    return [(row.service.slug, row.state, row.evidence, row.since, row.owner, row.due) for row in rows]


def test_what_is_missed_gets_the_teams_lead_and_a_fortnight(only):
    lead = make.user("lead")
    make.service(slug="a", owning_team=make.team(lead=lead)), make.service(slug="b"), make.service(slug="c")
    only |= {"a": Result("fail", "dark"), "b": Result("pass", "bright")}
    assert keeping.check_all(NOW) == 1
    assert results() == [
        ("a", "fail", "dark", NOW, lead, date(2026, 3, 18)),
        ("b", "pass", "bright", NOW, None, None),
        ("c", "na", "", NOW, None, None),
    ]
    change = ReadinessChange.objects.get()
    assert (change.service.slug, change.before, change.after, change.evidence) == ("a", "", "fail", "dark")
    assert list(ReadinessDay.objects.order_by("service__slug").values_list("met", "applied")) == [
        (0, 1),
        (1, 1),
        (0, 0),
    ]


def test_only_transitions_are_history_and_what_somebody_took_on_stays(only):
    make.service(slug="a")
    only["a"] = Result("fail", "dark")
    keeping.check_all(NOW)
    bob = make.user()
    keeping.take_on(
        ReadinessResult.objects.get(), owner=bob, due=date(2026, 4, 1), actor=person(bob), now=NOW
    )
    only["a"] = Result("fail", "darker")
    assert keeping.check_all(NOW + DAY) == 0
    assert results() == [("a", "fail", "darker", NOW, bob, date(2026, 4, 1))]
    only["a"] = Result("pass", "bright")
    assert keeping.check_all(NOW + 2 * DAY) == 1
    assert results() == [("a", "pass", "bright", NOW + 2 * DAY, None, None)]
    assert list(ReadinessDay.objects.values_list("met", "applied")) == [(0, 1), (0, 1), (1, 1)]
    assert [change.after for change in ReadinessChange.objects.all()] == ["pass", "fail"]


def test_a_standard_that_breaks_keeps_its_last_word_and_stops_no_other(only):
    make.service(slug="a")
    only["a"] = Result("pass")
    keeping.check_all(NOW)

    def broken(services, now):
        raise ValueError("out of order")

    readiness.register("lamp", label="", why="", how_to_fix="", check=broken)
    readiness.register(
        "rope", label="", why="", how_to_fix="", check=lambda s, now: {s[0].pk: Result("fail")}
    )
    keeping.check_all(NOW + DAY)
    states = dict(ReadinessResult.objects.values_list("standard", "state"))
    assert states == {"lamp": "pass", "rope": "fail"}
    readiness._standards.pop("rope")
    keeping.check_all(NOW + 2 * DAY)
    assert not ReadinessResult.objects.filter(standard="rope").exists()


def test_retired_services_are_held_to_nothing(only):
    make.service(slug="a", lifecycle="retired")
    only["a"] = Result("fail")
    assert keeping.check_all(NOW) == 0 and results() == []


def test_who_mends_it_is_of_the_team_and_the_day_is_near(only):
    make.service(slug="a")
    only["a"] = Result("fail")
    keeping.check_all(NOW)
    row, bob = ReadinessResult.objects.get(), make.user()
    for owner, due in ((make.user("stakeholder"), None), (bob, date(2026, 3, 3)), (bob, date(2028, 1, 1))):
        with pytest.raises(Invalid):
            keeping.take_on(row, owner=owner, due=due, actor=person(bob), now=NOW)
    only["a"] = Result("pass")
    keeping.check_all(NOW)
    with pytest.raises(Invalid, match="It is met"):
        keeping.take_on(row, owner=bob, due=None, actor=person(bob), now=NOW)


def test_many_services_cost_as_many_queries_as_few():
    operating.defaults()
    for _ in range(2):
        make.service(agreement=None)
    keeping.check_all(NOW)
    with CaptureQueriesContext(connection) as few:
        keeping.check_all(NOW + DAY)
    for _ in range(4):
        make.service(agreement=None)
    keeping.check_all(NOW + DAY)
    with CaptureQueriesContext(connection) as many:
        keeping.check_all(NOW + 2 * DAY)
    assert len(many) == len(few) <= 70


def test_the_doorbell_looks_once_an_hour(only, monkeypatch):
    make.service(slug="a")
    only["a"] = Result("pass")
    at = [NOW]
    monkeypatch.setattr("core.clock.now", lambda: at[0])
    looks = []
    monkeypatch.setattr(
        keeping, "check_all", lambda now, check=keeping.check_all: looks.append(now) or check(now)
    )
    for minutes in (0, 5, 60):
        at[0] = NOW + timedelta(minutes=minutes)
        tasks.check_readiness()
    assert looks == [NOW, NOW + timedelta(minutes=60)]


def test_one_service_looked_at_by_hand_keeps_nobody_from_the_others(only):
    one_, _two = make.service(slug="a"), make.service(slug="b")
    keeping.check_all(NOW)
    keeping.check_all(NOW + timedelta(minutes=50), services=[one_])
    assert [keeping.is_due(NOW + timedelta(minutes=at)) for at in (50, 60)] == [False, True]


# what each standard says


def one(check, service, now=NOW):
    found = check(keeping._read([service]), now).get(service.pk)
    return (found.state, found.evidence) if found else None


def test_owner():
    assert one(standards.owner, make.service(owning_team=make.team(name="Desk"))) == (
        "fail",
        "Desk has no lead",
    )
    gone = make.team(lead=make.user(name="Gone", is_active=False))
    assert one(standards.owner, make.service(owning_team=gone))[0] == "fail"
    there = make.team(name="Desk", lead=make.user(name="Lena"))
    assert one(standards.owner, make.service(owning_team=there)) == ("pass", "Lena, Desk")


def test_agreement():
    plain = make.service(agreement=None)
    assert one(standards.agreement, plain)[0] == "fail"
    make.agreement(is_default=True, name="Usual")
    assert one(standards.agreement, plain) == ("pass", "Usual, version 1")
    assert one(standards.agreement, make.service(agreement=make.agreement(name="Gold"))) == (
        "pass",
        "Gold, version 1",
    )


def test_boundaries():
    operating.defaults()
    service = make.service()
    assert one(standards.boundaries, service)[1] == "L2 has work here, but no team stands for it. And 2 more."
    for kind in ("l2", "engineering", "platform_ops"):
        PartyTerms.objects.filter(party=kind).update(team=make.team(kind))
    assert one(standards.boundaries, service)[0] == "pass"
    operating.activity("paint-fence", {"l1": "R"}, service)
    operating.activity("paint-fence", {"l1": "RA"})
    assert one(standards.boundaries, service) == ("fail", "Nobody is accountable for “Paint fence”.")


def test_an_objective_is_set_and_in_use():
    service = make.service()
    assert one(standards.objective, service) == ("fail", "No objective")
    made = make.objective(service)
    assert one(standards.objective, service) == ("pass", "1 objective")
    made.is_active = False
    made.save(update_fields=["is_active"])
    assert one(standards.objective, service)[0] == "fail"


def test_dependencies():
    one_, two, three = make.service(), make.service(), make.service()
    Dependency.objects.create(upstream=one_, downstream=two)
    assert [one(standards.dependencies, each)[0] for each in (one_, two, three)] == ["pass", "pass", "fail"]


def covered_service(*people, tier=1, **fields):
    rota = rota_make.rota(*people)
    rota_make.policy([rota], is_default=True)
    return rota, make.service(tier=tier, **fields)


def test_cover_of_tier_one_is_around_the_clock_from_what_is_written_down():
    rota, service = covered_service(make.user())
    assert one(of_rotas.cover, service)[0] == "fail"
    covering.tick(NOW)
    assert one(of_rotas.cover, service) == ("pass", "around the clock")
    hole = NOW + 3 * DAY
    row = Cover.objects.get(rota=rota, starts_at__lte=hole, ends_at__gt=hole)
    Cover.objects.create(
        rota=rota, starts_at=hole + timedelta(hours=2), ends_at=row.ends_at, user=row.user, derived_at=NOW
    )
    Cover.objects.filter(pk=row.pk).update(ends_at=hole)
    found = one(of_rotas.cover, service)
    assert found == ("fail", "nobody for 2 h of the next 14 days, first on 07 Mar 08:00 UTC")


def test_no_policy_no_cover_and_nobody_called():
    service = make.service()
    assert one(of_rotas.cover, service) == ("fail", "Its policy calls no rota")
    assert one(of_rotas.policy, service) == ("fail", "Nobody is called for SEV1, SEV2, SEV3, SEV4")


def test_a_policy_for_some_severities_leaves_the_others():
    made = make.policy(make.user(), is_default=False)
    service = make.service()
    made.assignments.create(service=service, severity="SEV1")
    assert one(of_rotas.policy, service) == ("fail", "Nobody is called for SEV2, SEV3, SEV4")
    made.assignments.create(service=service)
    assert one(of_rotas.policy, service)[0] == "pass"
    made.steps.update(severities=["SEV1"])
    assert one(of_rotas.policy, service) == ("fail", "Nobody is called for SEV2, SEV3, SEV4")


@pytest.mark.parametrize(
    ("days", "answered", "expected"),
    [
        (3, True, ("pass", "answered 3 d ago")),
        (91, True, ("fail", "answered 91 d ago")),
        (3, False, ("fail", "Never drilled")),
    ],
)
def test_drills(days, answered, expected):
    service, at = make.service(), NOW - days * DAY
    FireDrill.objects.create(
        service=service,
        severity="SEV1",
        policy_name="P",
        state="acknowledged" if answered else "unanswered",
        started_at=at,
        acknowledged_at=at if answered else None,
    )
    assert one(of_rotas.drill, service) == expected


def test_runbooks():
    operating.defaults()
    service = make.service()
    assert one(of_runbooks.runbook, service) == ("fail", "No runbook for: Mitigate by runbook")
    assert one(of_runbooks.tested, service) is None
    book = Runbook.objects.create(slug="restart", title="Restart", tested_at=NOW.date() - 200 * DAY)
    book.services.add(service)
    assert one(of_runbooks.runbook, service) == ("pass", "1 runbook")
    book.activities.add(Activity.objects.get(slug="detect"))
    assert one(of_runbooks.runbook, service) == ("fail", "No runbook for: Mitigate by runbook")
    book.activities.add(Activity.objects.get(needs_runbook=True, name="Mitigate by runbook"))
    assert one(of_runbooks.runbook, service) == ("pass", "1 runbook")
    assert one(of_runbooks.tested, service) == ("fail", "1 of 1 due, such as “Restart”")
    Runbook.objects.update(tested_at=NOW.date() - 100 * DAY)
    assert one(of_runbooks.tested, service)[0] == "pass"


def test_alerts():
    service = make.service()
    assert one(alerts, service) == ("fail", "Never heard of")
    make.alert(service, at=NOW - 31 * DAY)
    assert one(alerts, service) == ("fail", "the last 31 d ago")
    make.alert(service, at=NOW - 2 * DAY)
    assert one(alerts, service) == ("pass", "the last 2 d ago")
