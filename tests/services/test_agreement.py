"""Which terms count for a service."""

from datetime import date

import pytest

from core.calendars import BusinessHours
from services.models import CalendarException, CalendarFrame
from services.queries.agreement import terms_for
from services.types import Target, Terms
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTES = {"SEV1": (5, 60), "SEV2": (15, 240)}


def test_terms_of_the_services_own_agreement():
    gold = make.agreement(MINUTES, name="Gold", warn_percent=80)
    make.agreement({"SEV1": (1, 1)}, is_default=True)
    always = BusinessHours.always()
    stamped = {"basis": "sla", "provider": "l1", "agreement": gold.pk, "version": 1}
    assert terms_for(make.service(agreement=gold), "SEV2", NOW) == [
        Terms("acknowledge", 900, 80, "Gold", False, always, Target(minutes=15), **stamped),
        Terms("resolve", 14_400, 80, "Gold", True, always, Target(minutes=240), **stamped),
    ]


def test_the_default_agreement_counts_where_none_is_named():
    make.agreement(MINUTES, name="Standard", is_default=True)
    terms = terms_for(make.service(agreement=None), "SEV1", NOW)
    assert [(term.kind, term.target_seconds, term.agreement_name) for term in terms] == [
        ("acknowledge", 300, "Standard"),
        ("resolve", 3600, "Standard"),
    ]


def test_nothing_is_promised_without_any_agreement():
    assert terms_for(make.service(agreement=None), "SEV1", NOW) == []


def test_own_agreement_without_this_severity_does_not_fall_back():
    make.agreement(MINUTES, is_default=True)
    only_critical = make.agreement({"SEV1": (5, 60)})
    assert terms_for(make.service(agreement=only_critical), "SEV2", NOW) == []


def test_acknowledge_pauses_where_agreed():
    agreed = make.agreement(MINUTES, pausable_acknowledge=True)
    terms = terms_for(make.service(agreement=agreed), "SEV1", NOW)
    assert [(term.kind, term.pausable) for term in terms] == [("acknowledge", True), ("resolve", True)]


def test_a_calendar_that_never_opens_promises_nothing():
    shut = make.calendar(always_open=False)
    CalendarException.objects.create(calendar=shut, date=date(2026, 3, 7), opens=540, closes=600)
    assert terms_for(make.service(agreement=make.agreement(MINUTES, calendar=shut)), "SEV1", NOW) == []


def test_hours_know_last_year_and_three_years_on():
    office = make.calendar(always_open=False, country="KE", zone="Africa/Nairobi")
    for weekday in range(7):
        CalendarFrame.objects.create(calendar=office, weekday=weekday, opens=480, closes=1020)
    terms = terms_for(make.service(agreement=make.agreement(MINUTES, calendar=office)), "SEV1", NOW)
    assert {day.year for day in terms[0].hours.holidays} == {2025, 2026, 2027, 2028, 2029}


def test_terms_cost_few_queries(django_assert_num_queries):
    office = make.calendar(always_open=False)
    CalendarFrame.objects.create(calendar=office, weekday=0, opens=480, closes=1020)
    plain, timed = make.service(), make.service(agreement=make.agreement(calendar=office))
    with django_assert_num_queries(1):
        terms_for(plain, "SEV1", NOW)
    with django_assert_num_queries(3):
        terms_for(timed, "SEV1", NOW)
