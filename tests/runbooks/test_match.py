"""Which runbook stands beside an incident."""

import pytest

from runbooks.models import Runbook, RunbookStep
from runbooks.queries.match import match
from tests import make

pytestmark = pytest.mark.django_db
DRIFT = {"name": "alertname", "op": "=~", "value": ".*Drift.*"}
PROD = {"name": "env", "op": "=", "value": "prod"}


def book(slug, *matchers, service=None, **fields):
    made = Runbook.objects.create(slug=slug, title=slug.title(), matchers=list(matchers), **fields)
    RunbookStep.objects.create(runbook=made, position=1, text="Look")
    if service:
        made.services.add(service)
    return made


def found(service, limit=3, **labels):
    return [runbook.slug for runbook in match(service, labels, limit)]


@pytest.fixture
def scorer():
    return make.service(slug="scorer")


def test_all_matchers_must_hold(scorer):
    book("both", DRIFT, PROD)
    assert found(scorer, alertname="FeatureDrift", env="prod") == ["both"]
    assert found(scorer, alertname="FeatureDrift", env="test") == []
    assert found(scorer, alertname="FeatureDrift") == []


def test_the_services_own_comes_before_a_general_one_then_the_more_exact(scorer):
    book("general", DRIFT, PROD)
    book("own-plain", service=scorer)
    book("own-drift", DRIFT, service=scorer)
    assert found(scorer, alertname="FeatureDrift", env="prod") == ["own-drift", "own-plain", "general"]
    assert found(scorer, 1, alertname="FeatureDrift", env="prod") == ["own-drift"]


def test_a_runbook_of_another_service_never_offers_itself(scorer):
    book("other", DRIFT, service=make.service())
    assert found(scorer, alertname="FeatureDrift") == []


def test_one_without_service_and_matchers_never_offers_itself(scorer):
    book("everything")
    assert found(scorer, alertname="FeatureDrift") == []


def test_one_for_this_service_among_others_fits_once(scorer):
    made = book("shared", service=scorer)
    made.services.add(make.service())
    assert found(scorer) == ["shared"]


def test_retired_and_broken_ones_are_left_out(scorer):
    book("retired", DRIFT, service=scorer, is_active=False)
    book("broken", {"name": "alertname", "op": "=~", "value": "("}, service=scorer)
    book("odd", "alertname", service=scorer)
    assert found(scorer, alertname="Drift") == []


def test_titles_settle_a_tie(scorer):
    book("b", DRIFT), book("a", DRIFT)
    assert found(scorer, alertname="Drift") == ["a", "b"]


def test_an_alert_without_service_finds_general_ones(scorer):
    book("general", DRIFT), book("own", DRIFT, service=scorer)
    assert found(None, alertname="Drift") == ["general"]


def test_matching_costs_one_query(scorer, django_assert_num_queries):
    for number in range(5):
        book(f"b{number}", DRIFT, service=scorer)
    with django_assert_num_queries(1):
        assert [runbook.step_count for runbook in match(scorer, {"alertname": "Drift"})] == [1, 1, 1]
