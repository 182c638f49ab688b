"""Numbers that are dear to count are counted once a minute for support, and always for those who see less."""

from datetime import timedelta

import pytest

from reporting.queries import remembered
from reporting.types import Scope
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
SCOPE = Scope(start=NOW - timedelta(days=30), end=NOW)


def opened(user, scope: Scope = SCOPE) -> int:
    return remembered.recent_numbers(user, scope).now.opened


@pytest.fixture
def one_incident(monkeypatch):
    monkeypatch.setattr(remembered, "DEAR_SECONDS", 0)
    return make.incident(now=NOW - timedelta(days=1))


def test_dear_numbers_are_counted_once_a_minute(one_incident):
    lead = make.user("lead")
    before = opened(lead)
    make.incident(now=NOW - timedelta(days=2))
    next_minute = Scope(start=SCOPE.start + timedelta(minutes=1), end=SCOPE.end + timedelta(minutes=1))

    assert (before, opened(make.user()), opened(lead, next_minute)) == (1, 1, 2)


def test_another_filter_is_another_number(one_incident):
    lead = make.user("lead")
    opened(lead)

    assert opened(lead, Scope(SCOPE.start, SCOPE.end, severity="SEV4")) == int(
        one_incident.severity == "SEV4"
    )
    assert opened(lead, Scope(SCOPE.start - timedelta(days=1), SCOPE.end)) == 1


def test_what_is_quick_is_always_counted_anew(monkeypatch):
    monkeypatch.setattr(remembered, "DEAR_SECONDS", 1e9)
    lead = make.user("lead")
    before = opened(lead)
    make.incident(now=NOW - timedelta(days=2))

    assert (before, opened(lead)) == (0, 1)


def test_an_outsider_is_never_told_what_was_counted_for_support(one_incident):
    opened(make.user("lead"))
    client = make.user("stakeholder")
    make.client_(members=(client,))

    assert opened(client) == 0
