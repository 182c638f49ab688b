"""Board and page of an incident: who sees what, and what the verbs do from there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.types import person
from incidents.choices import State
from incidents.domain import edit, lifecycle, runbook
from incidents.models import Entry, Incident, IncidentAlert
from runbooks.models import Runbook, RunbookStep
from tests import make

pytestmark = pytest.mark.django_db
HX = {"hx-request": "true", "hx-target": "rail"}


@pytest.fixture
def incidents(people):
    a = make.service(slug="svc-a", client=make.client_((people["alice"],), name="Client A"))
    b = make.service(slug="svc-b", client=make.client_((people["charlie"],), name="Client B"))
    now = clock.now()
    return {
        "a": make.incident(service=a, title="Scores late at A", now=now),
        "b": make.incident(service=b, title="Drift in B", now=now),
    }


def titles(response) -> list[str]:
    return [row.incident.title for group in response.context["groups"] for row in group.rows]


def text(response) -> str:
    return response.content.decode()


def verb(client, incident: Incident, name: str, *, headers=None, **data):
    return client.post(f"/incidents/{incident.ref}/{name}/", data, headers=headers or {})


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def test_support_sees_every_incident_and_outsiders_their_own(client, people, incidents):
    client.force_login(people["bob"])
    assert sorted(titles(client.get("/incidents/"))) == ["Drift in B", "Scores late at A"]

    client.force_login(people["alice"])
    assert titles(client.get("/incidents/?view=all")) == ["Scores late at A"]
    assert client.get(f"/incidents/{incidents['a'].ref}/").status_code == 200
    for path in ("", "spine/", "rail/", "edit/"):
        assert client.get(f"/incidents/{incidents['b'].ref}/{path}").status_code == 404


def test_a_stranger_cannot_write_to_what_they_do_not_see(client, people, incidents):
    client.force_login(people["alice"])

    assert verb(client, incidents["b"], "note", text="hello").status_code == 404


@pytest.mark.parametrize("name", ["acknowledge", "resolve", "assign", "hold", "escalate", "cancel"])
def test_an_outsider_has_no_verbs(client, people, incidents, name):
    client.force_login(people["alice"])

    assert (
        verb(client, incidents["a"], name, reason="x", party="client", resolution="fixed").status_code == 403
    )
    assert fresh(incidents["a"]).state == State.NEW


def test_internal_words_never_reach_the_client(client, people, incidents):
    bob, now = person(people["bob"]), clock.now()
    lifecycle.note(incidents["a"], actor=bob, now=now, text="SECRET-NOTE the client broke it")
    lifecycle.resolve(incidents["a"], actor=bob, now=now, note="SECRET-RESOLUTION")
    lifecycle.reopen(incidents["a"], actor=bob, now=now, note="SECRET-REASON")
    lifecycle.note(incidents["a"], actor=bob, now=now, text="SECRET-LAST")
    pages = [
        "/incidents/",
        "/incidents/?view=all",
        *[f"/incidents/{incidents['a'].ref}/{p}" for p in ("", "spine/", "rail/")],
    ]

    client.force_login(people["bob"])
    assert "SECRET-NOTE" in text(client.get(pages[2]))
    assert "SECRET-LAST" in text(client.get(pages[0]))

    client.force_login(people["alice"])
    for page in pages:
        assert "SECRET" not in text(client.get(page)), page


def test_what_an_outsider_writes_is_read_by_their_colleagues(client, people, incidents):
    client.force_login(people["alice"])
    verb(client, incidents["a"], "note", text="We see it too", visibility="internal")

    assert incidents["a"].entries.get(kind="note").visibility == "client"


def test_the_board_groups_by_what_a_row_needs(client, people, incidents):
    bob, now, service = person(people["bob"]), clock.now(), incidents["a"].service
    lifecycle.acknowledge(incidents["a"], actor=bob, now=now)
    held, done = (
        make.incident(service=service, title="Held", now=now),
        make.incident(service=service, title="Done", now=now),
    )
    lifecycle.hold(held, actor=bob, now=now, party="client", reason="Waits for data")
    lifecycle.mitigate(done, actor=bob, now=now)
    client.force_login(people["bob"])

    groups = client.get("/incidents/").context["groups"]

    assert [(group.label, [row.incident.title for row in group.rows]) for group in groups] == [
        ("Needs someone", ["Drift in B"]),
        ("In hand", ["Scores late at A"]),
        ("Waiting on others", ["Held"]),
        ("Mitigated, to confirm", ["Done"]),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("view=mine", []),
        ("view=nobodys", ["Drift in B", "Scores late at A"]),
        ("view=due", ["Drift in B", "Scores late at A"]),
        ("view=resolved", []),
        ("service=svc-a", ["Scores late at A"]),
        ("search=drift", ["Drift in B"]),
        ("view=all&search=scores", ["Scores late at A"]),
        ("severity=SEV1", []),
        ("severity=nonsense", ["Drift in B", "Scores late at A"]),
        ("state=new&owner=none", ["Drift in B", "Scores late at A"]),
        ("owner=me", []),
        ("view=nonsense", ["Drift in B", "Scores late at A"]),
    ],
)
def test_views_and_filters(client, people, incidents, query, expected):
    client.force_login(people["bob"])

    assert sorted(titles(client.get(f"/incidents/?{query}"))) == expected


def test_the_board_costs_the_same_with_many_rows(client, people, incidents):
    client.force_login(people["bob"])
    client.get("/incidents/")
    with CaptureQueriesContext(connection) as few:
        client.get("/incidents/")
    for _ in range(4):
        make.incident(service=make.service(client=make.client_()), now=clock.now())
    with CaptureQueriesContext(connection) as many:
        client.get("/incidents/")

    assert len(many) == len(few) <= 12


def test_the_page_costs_the_same_with_many_lines(client, people, incidents):
    client.force_login(people["bob"])
    url = f"/incidents/{incidents['a'].ref}/"
    client.get(url)
    lifecycle.note(incidents["a"], actor=person(people["bob"]), now=clock.now(), text="One")
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for who in ("bob", "lead", "alice"):
        lifecycle.note(incidents["a"], actor=person(people[who]), now=clock.now(), text="More")
    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(many) == len(few)


def test_a_busy_page_asks_at_most_fifteen_questions(client, people, incidents, engines_known):
    """Linked alert, a runbook followed and one suggested, somebody called again: everything that can cost does."""
    lead, bob, now = people["lead"], person(people["bob"]), clock.now()
    make.policy(people["bob"], lead)
    incident = make.incident(service=incidents["a"].service, title="Scores late again", now=now)
    alert = make.alert(incident.service, at=now)
    IncidentAlert.objects.create(incident=incident, alert=alert, linked_at=now)
    for slug in ("first", "second"):
        book = Runbook.objects.create(slug=slug, title=slug.title(), body="Look.")
        RunbookStep.objects.create(runbook=book, position=1, text="Look")
        book.services.add(incident.service)
    runbook.start(incident, Runbook.objects.get(slug="first"), actor=bob, now=now)
    lifecycle.acknowledge(incident, actor=bob, now=now)
    lifecycle.escalate(incident, actor=bob, now=now)
    client.force_login(lead)
    url = f"/incidents/{incident.ref}/"
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        page = client.get(url)

    assert [part in text(page) for part in (alert.title, "First", "Second", "/acknowledge/")] == [True] * 4
    assert len(seen) <= 15


def test_owners_and_messages_are_asked_for_when_opened(client, people, incidents):
    incident = incidents["a"]
    lifecycle.assign(incident, actor=person(people["lead"]), now=clock.now(), owner=people["bob"])
    client.force_login(people["lead"])
    whole = text(client.get(f"/incidents/{incident.ref}/assign/", headers=HX))
    owners = text(client.get(f"/incidents/{incident.ref}/owners/"))
    told = text(client.get(f"/incidents/{incident.ref}/told/"))

    assert f'<option value="{people["bob"].pk}" selected>Bob Responder</option>' in whole
    assert f'<option value="{people["lead"].pk}"' not in whole
    assert f'<option value="{people["lead"].pk}">Lena Lead</option>' in owners
    assert f'<option value="{people["alice"].pk}"' not in owners
    assert "Bob Responder" in told
    verb(client, incident, "assign", owner=people["lead"].pk)
    assert fresh(incident).owner == people["lead"]


def test_acknowledging_from_the_page_makes_one_owner(client, people, incidents):
    client.force_login(people["bob"])

    first = verb(client, incidents["a"], "acknowledge")
    again = verb(client, incidents["a"], "acknowledge")

    assert (first.status_code, first["Location"]) == (302, f"/incidents/{incidents['a'].ref}/")
    assert again.status_code == 302
    assert fresh(incidents["a"]).owner == people["bob"]
    assert incidents["a"].entries.filter(text__contains="acknowledged").count() == 1


def test_htmx_gets_the_changed_regions(client, people, incidents):
    client.force_login(people["bob"])

    answer = text(verb(client, incidents["a"], "acknowledge", headers=HX))

    assert answer.count('id="rail"') == answer.count('id="spine"') == 1
    assert "<dialog" not in answer
    assert "<html" not in answer


def test_the_board_gets_its_row_back(client, people, incidents):
    client.force_login(people["bob"])
    target = f"inc-{incidents['a'].pk}"

    answer = verb(client, incidents["a"], "acknowledge", headers={"hx-request": "true", "hx-target": target})

    assert f'id="{target}"' in text(answer)
    assert "Acknowledged" in text(answer)


def test_a_refusal_is_said_in_place(client, people, incidents):
    client.force_login(people["bob"])

    answer = verb(client, incidents["a"], "hold", headers=HX, party="client", reason="")

    assert (answer.status_code, answer["HX-Retarget"]) == (400, "#problem-hold")
    assert 'data-refusal="invalid"' in text(answer)


def test_an_illegal_verb_names_what_is_possible(client, people, incidents):
    client.force_login(people["bob"])

    answer = verb(client, incidents["a"], "close")

    assert answer.status_code == 409
    assert "acknowledge" in text(answer)


@pytest.mark.parametrize(
    ("name", "data", "state"),
    [
        ("investigate", {}, "investigating"),
        ("hold", {"party": "client", "reason": "Waits"}, "on_hold"),
        ("mitigate", {}, "mitigated"),
        ("resolve", {"resolution": "workaround", "note": "Rolled back"}, "resolved"),
        ("escalate", {"note": "Too big"}, "new"),
    ],
)
def test_verbs_of_the_page(client, people, name, data, state):
    make.policy(people["bob"])
    incidents = {"a": make.incident(now=clock.now())}
    client.force_login(people["bob"])

    assert verb(client, incidents["a"], name, **data).status_code == 302
    assert fresh(incidents["a"]).state == state


@pytest.mark.parametrize("step", ["2", "0", "9"])
def test_a_step_of_the_policy_is_chosen_on_the_page(client, people, step):
    make.policy(people["bob"], people["lead"])
    incident = make.incident(now=clock.now())
    client.force_login(people["bob"])

    answer = verb(client, incident, "escalate", step=step)

    called = step == "2"
    assert answer.status_code == (302 if called else 400)
    assert Entry.objects.filter(incident=incident, text__endswith="escalated to step 2").exists() is called


def test_only_a_lead_cancels(client, people, incidents):
    client.force_login(people["bob"])
    assert verb(client, incidents["a"], "cancel", reason="Test").status_code == 403

    client.force_login(people["lead"])
    assert verb(client, incidents["a"], "cancel", reason="Test").status_code == 302
    assert fresh(incidents["a"]).state == "cancelled"


def test_a_region_that_did_not_change_is_not_sent_again(client, people, incidents):
    client.force_login(people["bob"])
    lifecycle.resolve(incidents["a"], actor=person(people["bob"]), now=clock.now())
    url = f"/incidents/{incidents['a'].ref}/spine/"
    tag = client.get(url)["ETag"]

    assert client.get(url, headers={"if-none-match": tag}).status_code == 304

    lifecycle.note(incidents["a"], actor=person(people["bob"]), now=clock.now(), text="More")
    assert client.get(url, headers={"if-none-match": tag}).status_code == 200


def test_editing_over_a_change_is_refused_and_says_what_changed(client, people, incidents):
    client.force_login(people["bob"])
    url = f"/incidents/{incidents['a'].ref}/edit/"
    form = client.get(url).context["form"]
    data = {name: value for name, value in form.initial.items() if value is not None} | {
        "title": "Mine",
        "started_at": form.initial["started_at"].strftime("%Y-%m-%dT%H:%M"),
    }
    edit.edit(incidents["a"], actor=person(people["lead"]), now=clock.now(), changes={"title": "Hers"})

    refused = client.post(url, data)

    assert refused.status_code == 412
    assert "Lena Lead changed title" in text(refused)
    assert fresh(incidents["a"]).title == "Hers"
    again = data | {"expected_version": refused.context["form"].data["expected_version"]}
    assert client.post(url, again).status_code == 302
    assert fresh(incidents["a"]).title == "Mine"


def test_reporting_an_incident(client, people, incidents):
    client.force_login(people["alice"])
    assert "svc-b" not in text(client.get("/incidents/new/"))
    data = {"service": "svc-a", "title": "Nothing arrives", "cell": "high:high", "summary": "Since noon"}

    assert client.post("/incidents/new/", data | {"service": "svc-b"}).status_code == 400
    answer = client.post("/incidents/new/", data)

    made = Incident.objects.get(title="Nothing arrives")
    assert answer["Location"] == f"/incidents/{made.ref}/"
    assert (made.severity, made.source, made.reporter) == ("SEV1", "portal", people["alice"])


def test_an_override_of_the_matrix_needs_a_reason(client, people, incidents):
    client.force_login(people["bob"])
    data = {"service": "svc-a", "title": "Odd", "cell": "low:low", "severity": "SEV1"}

    refused = client.post("/incidents/new/", data)
    assert "severity_reason" in refused.context["form"].errors

    assert client.post("/incidents/new/", data | {"severity_reason": "The board watches"}).status_code == 302


def test_panels_show_only_what_is_theirs(client, people, incidents):
    client.force_login(people["alice"])

    assert "Scores late at A" in text(client.get("/incidents/for-service/svc-a/"))
    assert client.get("/incidents/for-service/svc-b/").status_code == 404
    assert client.get(f"/incidents/for-alert/{make.alert(incidents['b'].service).pk}/").status_code == 404


def test_a_hold_is_drawn_as_a_band(client, people, incidents):
    bob, now = person(people["bob"]), clock.now()
    lifecycle.hold(incidents["a"], actor=bob, now=now, party="client", reason="Waits for data")
    lifecycle.resume(incidents["a"], actor=bob, now=now + timedelta(minutes=25))
    client.force_login(people["bob"])

    lines = client.get(f"/incidents/{incidents['a'].ref}/").context["lines"]

    assert [(line.party, line.until - line.at) for line in lines if line.form == "band"] == [
        ("Client", timedelta(minutes=25))
    ]


def test_while_people_are_called_again_the_page_offers_to_acknowledge(client):
    alice = make.user()
    make.policy(alice, make.user())
    incident = lifecycle.acknowledge(make.incident(now=clock.now()), actor=person(alice), now=clock.now())
    client.force_login(alice)
    path = f"/incidents/{incident.ref}/acknowledge/"
    assert path not in client.get(f"/incidents/{incident.ref}/").content.decode()
    lifecycle.escalate(incident, actor=person(alice), now=clock.now())
    assert path in client.get(f"/incidents/{incident.ref}/").content.decode()


def test_the_figure_of_promises_due_leads_a_client_to_their_own_that_are(client, people, incidents):
    """The room counts them for everybody; the list behind the number holds as many."""
    late = make.incident(service=incidents["a"].service, title="Not due yet", impact="low", urgency="low")
    Incident.objects.filter(pk=late.pk).update(next_due_at=clock.now() + timedelta(days=2))
    client.force_login(people["alice"])

    figure = next(each for each in client.get("/").context["figures"] if each["url"].endswith("view=due"))
    answer = client.get(figure["url"])

    assert (figure["value"], titles(answer)) == (1, ["Scores late at A"])
    assert answer.context["view"] == "due"
