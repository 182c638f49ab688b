"""What a verb asks: the inside of its dialog for a script, a page for everybody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.types import person
from incidents.domain import lifecycle
from incidents.models import Incident
from incidents.views.dialogs import DIALOGS
from tests import make

pytestmark = pytest.mark.django_db
INSIDE = {"hx-request": "true"}
HX = {"hx-request": "true", "hx-target": "rail"}


@pytest.fixture
def incidents(people):
    a = make.service(slug="svc-a", client=make.client_((people["alice"],), name="Client A"))
    return {"a": make.incident(service=a, title="Scores late at A", now=clock.now())}


def text(response) -> str:
    return response.content.decode()


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def ask(client, incident: Incident, verb: str, *, inside: bool = False):
    return client.get(f"/incidents/{incident.ref}/{verb}/", headers=INSIDE if inside else {})


def test_the_page_has_the_heads_of_dialogs_and_no_forms_in_them(client, people, incidents):
    client.force_login(people["lead"])
    page = text(client.get(f"/incidents/{incidents['a'].ref}/"))

    asked = set(DIALOGS) - {"bounce_hand_off"}
    assert {verb for verb in DIALOGS if f'<dialog id="do-{verb}"' in page} == asked
    assert f'data-asks="/incidents/{incidents["a"].ref}/resolve/"' in page
    assert 'name="resolution"' not in page and "problem-resolve" not in page


@pytest.mark.parametrize(
    "verb", ["assign", "hold", "resolve", "cancel", "escalate", "impact", "link", "hand_off"]
)
def test_a_script_gets_the_form_alone_and_everybody_else_a_page_with_the_same_fields(
    client,
    people,
    incidents,
    verb,
):
    client.force_login(people["lead"])
    part, page = ask(client, incidents["a"], verb, inside=True), ask(client, incidents["a"], verb)

    action = f'action="/incidents/{incidents["a"].ref}/{verb}/"'
    assert (part.status_code, page.status_code) == (200, 200)
    assert text(part).lstrip().startswith("<form") and f'id="problem-{verb}"' in text(part)
    assert "<html" in text(page) and "<h1>" in text(page) and "hx-post" not in text(page)
    assert action in text(part) and action in text(page)
    for field in DIALOGS[verb][0].base_fields:
        assert f'name="{field}"' in text(part) and f'name="{field}"' in text(page)
    assert "HX-Request" in part["Vary"] and "no-cache" in part["Cache-Control"]


def test_a_form_asks_as_many_questions_as_it_needs(client, people, incidents):
    client.force_login(people["bob"])
    ask(client, incidents["a"], "resolve", inside=True)
    with CaptureQueriesContext(connection) as seen:
        ask(client, incidents["a"], "resolve", inside=True)
    assert len(seen) <= 5


def test_who_may_not_use_a_verb_is_told_so(client, people, incidents):
    client.force_login(people["alice"])
    refused = ask(client, incidents["a"], "resolve", inside=True)
    assert (refused.status_code, 'data-refusal="not_allowed"' in text(refused)) == (403, True)
    assert ask(client, incidents["a"], "link").status_code == 200
    client.force_login(people["bob"])
    assert ask(client, incidents["a"], "cancel").status_code == 403


def test_an_outsider_is_not_asked_who_reads_it(client, people, incidents):
    client.force_login(people["alice"])
    assert 'name="visibility"' not in text(ask(client, incidents["a"], "link"))
    assert 'name="visibility"' not in text(ask(client, incidents["a"], "link", inside=True))


def test_what_the_state_does_not_allow_is_said_before_anything_is_typed(client, people, incidents):
    bob, now = people["bob"], clock.now()
    client.force_login(bob)
    assert "Possible now: acknowledge" in text(ask(client, incidents["a"], "close"))
    lifecycle.resolve(incidents["a"], actor=person(bob), now=now, note="Done")
    again, hold = ask(client, incidents["a"], "resolve", inside=True), ask(client, incidents["a"], "hold")
    assert (again.status_code, hold.status_code) == (409, 409)
    assert "The incident is resolved already." in text(again)
    assert "Possible now: close, reopen" in text(hold)
    nothing = ask(client, incidents["a"], "deliver")
    assert (nothing.status_code, "Nothing more is promised" in text(nothing)) == (409, True)
    assert ask(client, incidents["a"], "bounce_hand_off").status_code == 409


def test_strangers_and_nonsense_find_nothing(client, people, incidents):
    client.force_login(people["charlie"])
    assert ask(client, incidents["a"], "link").status_code == 404
    client.force_login(people["lead"])
    for path in (
        "INC-0/resolve/",
        "INC-%00/resolve/",
        "INC-9999999999999999999/resolve/",
        "%3Cb%3E/hold/",
        "1 OR 1/hold/",
    ):
        assert client.get(f"/incidents/{path}").status_code == 404, path
    for verb in ("constructor", "resolve%00", "RESOLVE", "do-resolve"):
        assert ask(client, incidents["a"], verb).status_code == 404, verb
    client.logout()
    assert ask(client, incidents["a"], "resolve").status_code == 302
    assert ask(client, incidents["a"], "resolve", inside=True).status_code == 401


def test_asking_changes_nothing_and_takes_nothing_from_the_address(client, people, incidents):
    client.force_login(people["lead"])
    before = fresh(incidents["a"]).version
    page = client.get(f"/incidents/{incidents['a'].ref}/hold/?reason=%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.status_code == 200 and "alert(1)" not in text(page)
    assert client.put(f"/incidents/{incidents['a'].ref}/hold/").status_code == 405
    assert fresh(incidents["a"]).version == before


def test_a_hostile_title_is_words_on_the_page_of_a_verb(client, people):
    incident = make.incident(title="<script>alert(1)</script>", now=clock.now())
    client.force_login(people["bob"])
    page = text(ask(client, incident, "resolve"))
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_without_a_script_what_was_typed_is_not_lost_on_a_refusal(client, people, incidents):
    client.force_login(people["bob"])
    url = f"/incidents/{incidents['a'].ref}/hold/"
    refused = client.post(url, {"party": "partner", "reason": "x" * 301})
    page = text(refused)
    assert refused.status_code == 400
    assert "x" * 301 in page and '<option value="partner" selected>' in page
    assert 'id="hold_reason_error"' in page and 'data-refusal="invalid"' in page
    assert client.post(url, {"party": "partner", "reason": "Their fix"}).status_code == 302
    assert fresh(incidents["a"]).state == "on_hold"


def test_without_a_script_a_verb_that_came_too_late_keeps_the_words(client, people, incidents):
    client.force_login(people["bob"])
    lifecycle.resolve(incidents["a"], actor=person(people["bob"]), now=clock.now(), note="Done")
    late = client.post(f"/incidents/{incidents['a'].ref}/hold/", {"party": "client", "reason": "Their key"})
    assert late.status_code == 409
    assert 'value="Their key"' in text(late) and "Possible now" in text(late)


def test_without_a_script_owners_and_steps_are_in_the_form(client, people):
    make.policy(people["bob"], people["lead"])
    incident = make.incident(now=clock.now())
    client.force_login(people["bob"])
    owners, calls = text(ask(client, incident, "assign")), text(ask(client, incident, "escalate"))
    assert f'<option value="{people["lead"].pk}">Lena Lead</option>' in owners and "/owners/" not in owners
    assert '<option value="2">2 · Lena Lead (named in the policy)</option>' in calls
    assert f'<option value="{people["lead"].pk}">Lena Lead</option>' in calls


def test_without_a_script_what_was_brought_along_is_kept(client, people):
    service = make.service(slug="handed")
    incident = make.incident(service=service, now=clock.now())
    client.force_login(people["bob"])
    page = client.post(
        f"/incidents/{incident.ref}/hand_off/",
        {"party": "nobody", "note": "Since the release", "evidence-x": "1"},
    )
    assert page.status_code == 400 and "Since the release" in text(page)


def test_a_verb_that_asks_nothing_is_a_page_too_and_a_note_leads_to_its_place(client, people, incidents):
    client.force_login(people["bob"])
    page, note = ask(client, incidents["a"], "acknowledge"), ask(client, incidents["a"], "note")
    assert page.status_code == 200 and "<h1>Acknowledge</h1>" in text(page)
    assert (note.status_code, note["Location"]) == (302, f"/incidents/{incidents['a'].ref}/#say")


def test_a_region_that_is_known_is_told_by_small_queries(client, people, incidents):
    client.force_login(people["bob"])
    lifecycle.resolve(incidents["a"], actor=person(people["bob"]), now=clock.now(), note="Done")
    url = f"/incidents/{incidents['a'].ref}/rail/"
    tag = client.get(url, headers=HX)["ETag"]
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url, headers={**HX, "if-none-match": tag}).status_code == 304
    assert len(seen) <= 4  # session, reader, the incident's version, its newest line
    assert not any("party_intervals" in each["sql"] or "partyinterval" in each["sql"] for each in seen)


def test_impact_said_later_appears(client, people, incidents):
    client.force_login(people["bob"])
    page = f"/incidents/{incidents['a'].ref}/"
    assert "Users felt" not in text(client.get(page))
    lifecycle.impact(
        incidents["a"],
        actor=person(people["bob"]),
        now=clock.now() + timedelta(minutes=1),
        effect="down",
    )
    assert "Users felt" in text(client.get(page))
