"""New terms applied to what counts already: asked for, worked in the background, told, and never forgetting."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import IllegalState, Invalid
from core.types import person
from incidents.domain import clocks, lifecycle, replanning, waits
from incidents.domain.changing import adopt
from incidents.domain.replay import drifts
from incidents.models import Clock, Incident
from services.domain import agreements
from services.models import CalendarException, CalendarFrame
from services.queries.agreement import terms_for
from tests import make

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FRIDAY = datetime(2026, 3, 6, 13, 30, tzinfo=UTC)  # 16:30 in Nairobi, half an hour before closing
MONDAY = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)  # 09:00 in Nairobi


@pytest.fixture
def lead():
    return person(make.user("lead", name="Lena"))


def office():
    hours = make.calendar(always_open=False, zone="Africa/Nairobi")
    for weekday in range(5):
        CalendarFrame.objects.create(calendar=hours, weekday=weekday, opens=9 * 60, closes=17 * 60)
    return hours


@pytest.fixture
def agreement():
    return make.agreement({"SEV2": (60, 120)}, calendar=office())


def opened(agreement, n=1, at=FRIDAY):
    service = make.service(agreement=agreement)
    return [make.incident(service=service, now=at) for _ in range(n)]


def work(now):
    rounds = 0
    while replanning.tick(now):
        rounds += 1
    return rounds


def due(incident):
    return incident.clocks.get(kind="resolve").due_at


def no_drift(now):
    found = []
    for incident in Incident.objects.all():
        history = waits.histories([incident.pk])[incident.pk]
        found += [each for clock in incident.clocks.all() for each in drifts(clock, history, now)]
    return found


@pytest.mark.parametrize(
    ("how", "moved"),
    [("keep", MONDAY + 24 * HOUR + 90 * MINUTE), ("recompute", MONDAY + 24 * HOUR + 90 * MINUTE)],
)
def test_a_holiday_declared_at_the_weekend_is_applied_when_somebody_says_so(agreement, lead, how, moved):
    (incident,) = opened(agreement)
    calendar = agreement.versions.get().calendar
    CalendarException.objects.create(calendar=calendar, date=MONDAY.date(), reason="Declared on Saturday")
    saturday = FRIDAY + timedelta(days=1)
    assert due(incident) == MONDAY + 90 * MINUTE

    job = replanning.ask(actor=lead, now=saturday, how=how, reason="Monday is a holiday", calendar=calendar)
    work(saturday)

    job.refresh_from_db()
    assert (job.total, job.done, job.moved, job.finished_at) == (2, 2, 2, saturday)
    assert due(incident) == moved
    assert no_drift(saturday + HOUR) == []
    line = incident.entries.filter(kind="clock").latest("pk")
    assert (line.actor_name, "Monday is a holiday" in line.text) == ("Lena", True)
    incident.refresh_from_db()
    assert incident.next_due_at == incident.clocks.get(kind="acknowledge").due_at


def test_shorter_hours_from_now_on_keep_what_was_used(agreement, lead):
    """Two hours promised; half an hour went on Friday. From Saturday on every hour counts."""
    (incident,) = opened(agreement)
    draft = agreements.draft(agreement, actor=lead, now=FRIDAY)
    draft.calendar = make.calendar()
    draft.save()
    saturday = FRIDAY + timedelta(days=1)
    agreements.publish(draft, actor=lead, now=saturday)
    assert due(incident) == MONDAY + 90 * MINUTE

    replanning.ask(actor=lead, now=saturday, how="keep", reason="24×7 now", agreement=agreement)
    work(saturday)

    assert due(incident) == saturday + 90 * MINUTE
    clock = incident.clocks.get(kind="resolve")
    assert (clock.version, len(clock.legs)) == (2, 1)
    assert no_drift(saturday + MINUTE) == []


def test_from_the_start_a_promise_may_be_late_at_once(agreement, lead):
    (incident,) = opened(agreement)
    draft = agreements.draft(agreement, actor=lead, now=FRIDAY)
    draft.calendar = make.calendar()
    draft.save()
    saturday = FRIDAY + timedelta(days=1)
    agreements.publish(draft, actor=lead, now=saturday)
    replanning.ask(actor=lead, now=saturday, how="recompute", reason="24×7 since ever", agreement=agreement)
    work(saturday)
    assert due(incident) == FRIDAY + 2 * HOUR
    clocks.tick(saturday)
    assert incident.clocks.get(kind="resolve").breached_at == FRIDAY + 2 * HOUR


def test_new_incidents_have_the_new_terms_and_old_ones_keep_theirs(agreement, lead):
    (old,) = opened(agreement)
    draft = agreements.draft(agreement, actor=lead, now=FRIDAY)
    draft.targets.filter(kind="resolve").update(minutes=60)
    agreements.publish(draft, actor=lead, now=FRIDAY + MINUTE)
    (new,) = opened(agreement, at=FRIDAY + 2 * MINUTE)
    assert due(old) == MONDAY + 90 * MINUTE
    assert due(new) == MONDAY + 32 * MINUTE
    assert [each.clocks.get(kind="resolve").version for each in (old, new)] == [1, 2]


def test_a_first_breach_stays_whatever_is_applied(agreement, lead):
    (incident,) = opened(agreement)
    clocks.tick(MONDAY + 95 * MINUTE)
    draft = agreements.draft(agreement, actor=lead, now=FRIDAY)
    draft.targets.filter(kind="resolve").update(minutes=6000)
    agreements.publish(draft, actor=lead, now=MONDAY + 96 * MINUTE)
    replanning.ask(
        actor=lead, now=MONDAY + 97 * MINUTE, how="recompute", reason="longer", agreement=agreement
    )
    work(MONDAY + 97 * MINUTE)
    assert incident.clocks.get(kind="resolve").breached_at == MONDAY + 90 * MINUTE
    assert no_drift(MONDAY + 98 * MINUTE) == []


def test_a_paused_promise_keeps_standing_with_its_new_rest(agreement, lead):
    (incident,) = opened(agreement)
    lifecycle.acknowledge(incident, actor=lead, now=FRIDAY)
    lifecycle.hold(incident, actor=lead, now=FRIDAY + 10 * MINUTE, reason="samples")
    draft = agreements.draft(agreement, actor=lead, now=FRIDAY)
    draft.targets.filter(kind="resolve").update(minutes=60)
    agreements.publish(draft, actor=lead, now=FRIDAY + 11 * MINUTE)
    replanning.ask(actor=lead, now=FRIDAY + 12 * MINUTE, how="keep", reason="shorter", agreement=agreement)
    work(FRIDAY + 12 * MINUTE)
    clock = incident.clocks.get(kind="resolve")
    assert (clock.state, clock.left_seconds) == ("paused", 50 * 60)
    assert no_drift(FRIDAY + 13 * MINUTE) == []


def test_it_is_worked_in_batches_and_goes_on_where_it_was(agreement, lead, monkeypatch):
    monkeypatch.setattr(replanning, "BATCH", 3)
    opened(agreement, 4)
    job = replanning.ask(actor=lead, now=FRIDAY, how="keep", reason="again", agreement=agreement)
    assert replanning.tick(FRIDAY) == 3
    job.refresh_from_db()
    assert (job.done, job.total, job.percent) == (3, 8, 37)
    assert work(FRIDAY) == 3
    job.refresh_from_db()
    assert (job.done, job.moved, job.next_at) == (8, 0, None)


def test_many_cost_as_many_questions_as_few(agreement, lead, django_assert_max_num_queries):
    opened(agreement, 20)
    replanning.ask(actor=lead, now=FRIDAY, how="keep", reason="again", agreement=agreement)
    with django_assert_max_num_queries(20):
        assert replanning.tick(FRIDAY) == 40


def test_what_no_version_holds_for_any_more_goes_on_as_it_is(agreement, lead):
    (incident,) = opened(agreement)
    before = due(incident)
    agreements.end(agreement.versions.get(), FRIDAY + MINUTE, actor=lead, now=FRIDAY)
    job = replanning.ask(actor=lead, now=FRIDAY + 2 * MINUTE, how="keep", reason="ended", agreement=agreement)
    work(FRIDAY + 2 * MINUTE)
    job.refresh_from_db()
    assert (due(incident), job.skipped) == (before, 2)


def test_without_a_reason_or_twice_at_once_it_is_refused(agreement, lead):
    with pytest.raises(Invalid):
        replanning.ask(actor=lead, now=FRIDAY, how="keep", reason=" ", agreement=agreement)
    with pytest.raises(Invalid):
        replanning.ask(actor=lead, now=FRIDAY, how="keep", reason="x")
    with pytest.raises(Invalid):
        replanning.ask(actor=lead, now=FRIDAY, how="anyhow", reason="x", agreement=agreement)
    replanning.ask(actor=lead, now=FRIDAY, how="keep", reason="x", agreement=agreement)
    with pytest.raises(IllegalState):
        replanning.ask(actor=lead, now=FRIDAY, how="keep", reason="y", agreement=agreement)


@pytest.mark.parametrize("held", [False, True])
def test_all_that_new_terms_change_is_stored(agreement, lead, held):
    """Each column of each clock is what adopting the terms makes of it: a column left out of the set would keep its old value."""
    (incident,) = opened(agreement)
    if held:
        lifecycle.acknowledge(incident, actor=lead, now=FRIDAY)
        lifecycle.hold(incident, actor=lead, now=FRIDAY + 5 * MINUTE, reason="samples")
    later = FRIDAY + timedelta(days=1)
    draft = agreements.draft(agreement, actor=lead, now=FRIDAY)
    draft.warn_percent, draft.on_reopen, draft.on_severity, draft.calendar = (
        50,
        "new",
        "recompute",
        make.calendar(),
    )
    draft.save()
    draft.targets.update(
        mode="business_days",
        minutes=None,
        days=3,
        stops_for=["client"],
        stops_with=["partner"],
        is_pausable=True,
    )
    draft.rungs.create(unit="percent", amount=60, act="raise")
    agreements.publish(draft, actor=lead, now=later)
    incident.refresh_from_db()
    wanted = {}
    for clock in clocks.live(incident):
        before = vars(Clock.objects.get(pk=clock.pk)).copy()
        terms = next(
            each for each in terms_for(incident.service, incident.severity, later) if each.kind == clock.kind
        )
        adopt(clock, terms, incident, later, keep=True)
        wanted[clock.pk] = {
            field.attname: getattr(clock, field.attname) for field in Clock._meta.concrete_fields
        }
        assert {name for name, value in wanted[clock.pk].items() if value != before[name]} >= {
            "version", "mode", "days", "warn_percent", "stops_for", "stops_with", "on_reopen", "on_severity", "hours", "legs",
            "rungs", "target_seconds",
        }  # fmt: skip

    replanning.ask(actor=lead, now=later, how="keep", reason="all new", agreement=agreement)
    work(later)

    assert {row["id"]: row for row in Clock.objects.filter(pk__in=wanted).values()} == wanted
    assert no_drift(later + MINUTE) == []
