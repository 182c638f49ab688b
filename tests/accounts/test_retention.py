"""The trail lets go of whole days after their time, says so, and refuses deletes otherwise."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from accounts.domain import audit, links, retention
from accounts.models import AuditEntry, LoginLink
from core.types import SYSTEM
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=1095)


def line(at, name: str) -> AuditEntry:
    return audit.record("test.did", actor=SYSTEM, now=at, subject_name=name)


def test_old_lines_go_and_the_trail_tells_of_it():
    midnight = NOW.replace(hour=0, minute=0)
    line(midnight - YEARS - timedelta(seconds=1), "old"), line(midnight - YEARS, "young")
    assert retention.expire_audit(NOW) == 1
    said = AuditEntry.objects.order_by("at").values_list("subject_name", "detail")
    assert list(said) == [("young", {}), ("lines before 2023-03-05", {"lines": 1})]
    assert retention.expire_audit(NOW) == 0


def test_the_way_round_is_shut_again_behind_it():
    line(NOW - YEARS - timedelta(days=2), "old")
    retention.expire_audit(NOW)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_zero_keeps_for_ever(settings):
    settings.MAINSTAY_AUDIT_DAYS = 0
    line(NOW - 2 * YEARS, "old")
    assert retention.expire_audit(NOW) == 0


def test_ended_sessions_and_spent_links_go():
    Session.objects.create(session_key="ended", session_data="", expire_date=NOW - timedelta(seconds=1))
    Session.objects.create(session_key="lives", session_data="", expire_date=NOW + timedelta(hours=1))
    person = make.user()
    links.make_link(person, now=NOW - timedelta(days=3))
    links.make_link(person, now=NOW)
    assert (retention.expire_sessions(NOW), retention.expire_links(NOW)) == (1, 1)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["lives"]
    assert LoginLink.objects.get().created_at == NOW
