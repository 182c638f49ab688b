"""A row of the board: what it says, to whom, and that nothing remembered outlives what it shows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from core import clock
from core.filters import narrows
from core.types import person
from core.ui.faces import Face
from core.ui.marks import mark
from incidents.domain import lifecycle
from incidents.filters import IncidentFilter
from incidents.models import Incident
from incidents.queries.board import Group, Row
from incidents.queries.lists import Listed
from incidents.ui.rows import Viewer, body, row
from tests import make

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
WORKER = Viewer(7, can_work=True, zone="Africa/Nairobi")
OUTSIDER = Viewer(8, can_work=False, zone="UTC")


def shown(**fields) -> Row:
    known = {
        "pk": 42, "severity": "SEV2", "title": "Scores late", "state": "new", "hold_party": "",
        "opened_at": NOW - timedelta(hours=1, minutes=32), "resolved_at": None, "closed_at": None, "last_entry": "",
        "client_line": None, "service_id": 1, "service": "scorer", "client": "Lumen", "owner": None, "promises": [],
    }  # fmt: skip
    besides = {name: fields.pop(name) for name in ("last", "waits_for") if name in fields}
    said = {"last": "Opened", "waits_for": "", **besides}
    return Row(incident=Listed(**{**known, **fields}), url="/incidents/INC-42/", bar=None, **said)


def test_a_row_nobody_has_taken_offers_its_verbs():
    post = 'form="row-verbs" formaction="/incidents/INC-42/'
    swap = 'hx-target="closest tr" hx-swap="outerHTML"'
    assert row(shown(), WORKER, NOW) == (
        f'<tr data-row id="inc-42" data-fresh><td><span class="sev sev-2">{mark("sev2")}SEV2</span></td>'
        '<td class="title"><a href="/incidents/INC-42/">Scores late</a>'
        '<small><span class="ref">INC-42</span> · scorer · Lumen</small></td>'
        f'<td><span class="inc-act"><span class="state state-open">{mark("open")}New</span>'
        f'<button class="btn btn-plain btn-mini" type="submit" {post}acknowledge/" hx-post="/incidents/INC-42/acknowledge/" {swap} '
        'data-key="a" data-key-label="Acknowledge">Ack<span class="visually-hidden">nowledge INC-42</span></button>'
        '<a class="visually-hidden" tabindex="-1" href="/incidents/INC-42/#do-resolve" data-key="r" '
        'data-key-label="Resolve">Resolve INC-42</a></span></td>'
        '<td><span class="inc-act"><span class="who"><span class="av av-none" aria-hidden="true">?</span>Nobody</span>'
        f'<button class="btn btn-plain btn-mini" type="submit" name="owner" value="7" {post}assign/" '
        f'hx-post="/incidents/INC-42/assign/" {swap} data-key="o" data-key-label="Own" aria-label="Take INC-42">'
        "Take</button></span></td>"
        '<td class="right num soft"><time datetime="2026-11-24T07:28:00Z" '
        'title="Tue 24 Nov 2026, 10:28 EAT · 07:28 UTC" data-rel="age">1 h 32</time></td>'
        '<td class="c-sla"><small class="faint">No promise</small></td>'
        '<td class="c-last"><small>Opened</small></td></tr>'
    )


def test_two_readers_side_by_side_keep_their_rights_and_zones():
    for reader in (WORKER, OUTSIDER, WORKER, OUTSIDER):
        said = row(shown(), reader, NOW)
        assert ("<button" in said, "do-resolve" in said) == (reader.can_work, reader.can_work)
        assert ("10:28 EAT" in said) == (reader is WORKER)
    assert 'value="9"' in row(shown(), WORKER._replace(pk=9), NOW)
    assert 'value="9"' not in row(shown(), WORKER, NOW)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "Other title"}, ">Other title<"),
        ({"state": "acknowledged"}, ">Acknowledged<"),
        ({"state": "on_hold", "waits_for": "Client"}, "On hold · client"),
        ({"severity": "SEV1"}, ">SEV1<"),
        ({"owner": Face("Grace Wanjiku", "nbo")}, ">Grace<"),
        ({"service": "other"}, "· other ·"),
        ({"client": ""}, "· Internal<"),
        ({"last": "Newest line"}, ">Newest line<"),
        ({"state": "resolved", "resolved_at": NOW - timedelta(minutes=5)}, ">5 min ago<"),
        ({"state": "closed", "closed_at": NOW - timedelta(minutes=6)}, ">6 min ago<"),
    ],
)
def test_what_changed_shows_at_once_though_the_row_is_remembered(change, words):
    assert words not in row(shown(), WORKER, NOW)
    assert words in row(shown(**change), WORKER, NOW)
    assert words not in row(shown(), WORKER, NOW)


def test_a_minute_later_it_is_a_minute_older():
    later = NOW + timedelta(minutes=1)
    assert [">1 h 32<" in row(shown(), WORKER, NOW), ">1 h 33<" in row(shown(), WORKER, later)] == [
        True,
        True,
    ]


def test_an_owner_renamed_or_moved_is_seen():
    before, after = Face("Grace Wanjiku", "nbo"), Face("Grace Otieno", "ktm")
    assert "GW" in row(shown(owner=before), WORKER, NOW)
    said = row(shown(owner=after), WORKER, NOW)
    assert ("GO" in said, "av-ktm" in said) == (True, True)


@pytest.mark.parametrize("place", ["title", "service", "client", "waits_for", "last"])
def test_what_people_wrote_is_text(place):
    said = row(shown(state="on_hold", **{place: HOSTILE}), WORKER, NOW)
    wanted = HOSTILE.lower() if place == "waits_for" else HOSTILE
    assert ("<img" in said, escape(wanted) in said) == (False, True)


def test_names_are_text_too():
    said = row(shown(owner=Face("<b>x</b> <i>y</i>", '"><script>')), WORKER, NOW)
    assert ("<b>x" in said, "<script" in said, "&lt;b&gt;x&lt;/b&gt;" in said) == (False, False, True)


def test_a_group_has_a_heading_and_a_flat_list_none():
    said = body([Group("Needs <someone>", [shown(), shown()]), Group("", [shown()])], WORKER, NOW)
    heading = '<th colspan="7" scope="rowgroup">Needs &lt;someone&gt; <span class="num">2</span></th>'
    assert (said.count("<tbody>"), said.count("</tbody>"), said.count('class="group"')) == (2, 2, 1)
    assert heading in said


@pytest.mark.django_db
def test_the_answer_of_a_verb_is_the_row_of_the_board(client):
    bob = make.user(name="Bob Responder", site=make.site(zone="Asia/Kathmandu"))
    incident = make.incident(title="Scores <late>", now=clock.now())
    client.force_login(bob)
    client.get("/incidents/")
    answer = client.post(
        f"/incidents/{incident.ref}/assign/",
        {"owner": bob.pk},
        headers={"hx-request": "true", "hx-target": f"inc-{incident.pk}"},
    )
    told = answer.content.decode()
    assert (told.startswith(f'<tr data-row id="inc-{incident.pk}"'), ">Bob<" in told) == (True, True)
    head = told.split('<td class="right')[0]
    assert head in client.get("/incidents/").content.decode()


@pytest.mark.django_db
def test_a_new_title_and_state_show_on_the_next_look(client):
    bob = make.user(name="Bob Responder")
    incident = make.incident(title="Old words", now=clock.now())
    client.force_login(bob)
    assert "Old words" in client.get("/incidents/").content.decode()
    lifecycle.acknowledge(incident, actor=person(bob), now=clock.now())
    Incident.objects.filter(pk=incident.pk).update(title="New words")
    seen = client.get("/incidents/", headers={"x-live": "1"}).content.decode()
    assert ("Old words" in seen, "New words" in seen, ">Acknowledged<" in seen) == (False, True, True)


def test_a_list_is_narrowed_by_any_of_several_values() -> None:
    assert narrows(IncidentFilter, QueryDict("state=new&state="))
    assert not narrows(IncidentFilter, QueryDict("state=&view=mine&cursor=x"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/incidents/", "/incidents/?view=all"])
def test_the_database_is_told_which_services_an_outsider_sees(client: Browser, path: str) -> None:
    """By their keys, in the statement: so it knows how few rows a new client has, and doesn't look through everybody's."""
    ana = make.user("stakeholder")
    service = make.service(client=make.client_((ana,)))
    theirs = make.incident(service=service)
    make.incident()
    client.force_login(ana)
    with CaptureQueriesContext(connection) as seen:
        page = client.get(path).content.decode()
    assert re.findall(r'id="inc-(\d+)"', page) == [str(theirs.pk)]
    narrowed = f'"service_id" IN ({service.pk})'
    assert [each for each in seen if narrowed in each["sql"] and '"title"' in each["sql"]]
