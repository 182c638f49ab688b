"""A row of the list of alerts: what it says, and that nothing of it is taken for markup."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.html import escape

from core.ui.marks import mark
from monitoring.queries.alerts import Listed, alerts_visible_to, listed
from monitoring.ui.rows import body
from tests import make

pytestmark = pytest.mark.urls("tests.monitoring.urls")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
ALERT = Listed(
    pk=5, severity="critical", title="PSI high", status="firing", resolve_reason="", service_hint="",
    starts_at=NOW - timedelta(minutes=49), last_seen_at=NOW - timedelta(minutes=2), count=3, coalesced=0,
    integration="Evidently", alertname="Drift", service="Fraud scorer", client="Lumen",
)  # fmt: skip


def test_a_row_says_what_where_since_when_and_how_often():
    assert body([ALERT], NOW, "UTC") == (
        f'<tr data-row id="alert-5"><td><span class="sev sev-1">{mark("sev1")}Critical</span></td>'
        '<td class="title"><a href="/alerts/5/">PSI high</a><small>Evidently · Drift</small></td>'
        f'<td><span class="health health-bad">{mark("bad")}Firing</span></td>'
        '<td>Fraud scorer<small class="faint"> Lumen</small></td>'
        '<td class="right num soft hide-phone"><time datetime="2026-11-24T08:11:00Z" title="Tue 24 Nov 2026, 08:11 UTC" '
        'data-rel="age">49 min</time></td>'
        '<td class="right num soft"><time datetime="2026-11-24T08:58:00Z" title="Tue 24 Nov 2026, 08:58 UTC" '
        'data-rel="ago">2 min ago</time></td>'
        '<td class="right num soft hide-phone">3</td></tr>'
    )


def test_an_unrouted_one_says_what_its_label_named():
    said = body([replace(ALERT, service=None, client=None, service_hint="who-knows")], NOW, "UTC")
    assert (
        '<td><span class="ms-tag ms-tag-watch">Unrouted</span> <small class="faint">who-knows</small></td>'
        in said
    )


def test_an_end_that_fixed_nothing_is_not_green():
    ended = replace(ALERT, status="resolved", resolve_reason="paused", coalesced=4)
    said = body([ended], NOW, "UTC")
    assert ("health-ok" in said, "Ended: rule paused" in said, "coalesced" in said) == (False, True, False)
    assert "coalesced" in body([replace(ALERT, coalesced=4)], NOW, "UTC")


@pytest.mark.parametrize("place", ["title", "integration", "alertname", "service", "client"])
def test_what_tools_and_people_wrote_is_text(place):
    said = body([replace(ALERT, **{place: HOSTILE})], NOW, "UTC")
    assert ("<img" in said, escape(HOSTILE) in said) == (False, True)


def test_a_hostile_hint_is_text():
    said = body([replace(ALERT, service=None, service_hint=HOSTILE)], NOW, "UTC")
    assert ("<img" in said, escape(HOSTILE) in said) == (False, True)


@pytest.mark.django_db
def test_a_label_that_is_missing_or_empty_is_not_said():
    service = make.service(name="Scorer", client=make.client_(name="Lumen"))
    for labels in ({"alertname": "Drift"}, {"alertname": ""}, {}):
        make.alert(service, labels=labels)
    rows = listed(alerts_visible_to(make.user()).order_by("pk"))
    assert [(row.alertname or "", row.service, row.client) for row in rows] == [
        ("Drift", "Scorer", "Lumen"),
        ("", "Scorer", "Lumen"),
        ("", "Scorer", "Lumen"),
    ]
