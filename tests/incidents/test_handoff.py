"""Handing work on: what has to be brought, who hears of it, taking over, giving back, taking back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import clock
from core.errors import IllegalState, Invalid, NotAllowed
from core.types import person
from incidents.choices import EntryKind, Visibility
from incidents.domain import lifecycle
from incidents.models import HandOff, Incident
from incidents.queries import party_time
from notifications.models import Message
from services.models import PartyTerms
from tests import make
from tests.incidents.test_pages import HX, text, verb
from tests.make import NOW
from tests.rotas import make as rota_make
from tests.services import operating

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BROUGHT = {"symptom": "Scores stuck at 0.5 since 07:40", "runbook": "https://wiki.example/rb-4, until step 3"}


class World:
    """Alice (L1) holds an incident; Bob (L2) is on call, Eve builds the models, Carl is the client's."""

    def __init__(self, at=NOW):
        self.at = at
        operating.defaults()
        self.alice, self.bob = make.user(name="Alice Desk"), make.user(name="Bob Second")
        self.eve, self.carl = (
            make.user("stakeholder", name="Eve Models"),
            make.user("stakeholder", name="Carl Client"),
        )
        self.stranger = make.user("stakeholder", name="Sue Stranger")
        self.l1, self.l2 = make.team("l1", (self.alice,)), make.team("l2", (self.bob,), name="Second line")
        self.ml = make.team("engineering", (self.eve,))
        make.team("engineering", (self.stranger,))
        rota_make.rota(self.bob, team=self.l2)
        PartyTerms.objects.filter(party="l2").update(team=self.l2)
        self.service = make.service(owning_team=self.l1, client=make.client_((self.carl,)))
        self.service.parties.add(self.ml)
        self.incident = make.incident(service=self.service, now=at)
        self.incident = lifecycle.acknowledge(self.incident, actor=person(self.alice), now=at + MINUTE)

    def hand_off(self, party="l2", after=10, who=None, **inputs):
        inputs.setdefault("evidence", BROUGHT if party == "l2" else {})
        actor = person(who or self.alice)
        self.incident = lifecycle.hand_off(
            self.incident, actor=actor, now=self.at + after * MINUTE, party=party, **inputs
        )
        return self.incident

    def to_engineering(self, after=30):
        given = {"reproduction": "curl", "logs": "here", "tried": "restart"}
        return self.hand_off("engineering", after, self.bob, evidence=given)

    def do(self, name, who, after, **inputs):
        actor = person(who)
        self.incident = getattr(lifecycle, name)(
            self.incident, actor=actor, now=self.at + after * MINUTE, **inputs
        )
        return self.incident

    def held(self):
        rows = self.incident.party_intervals.values_list("party", "starts_at", "ends_at")
        return [(p, (a - self.at) // MINUTE, b and (b - self.at) // MINUTE) for p, a, b in rows]

    def heard(self, kind="incident.hand_off"):
        return set(Message.objects.filter(kind=kind).values_list("recipient__name", flat=True))

    def last(self):
        return self.incident.entries.filter(kind=EntryKind.PARTY).latest("pk")


@pytest.fixture
def w():
    return World()


def test_handing_on_moves_the_work_tells_who_is_on_call_and_writes_a_line(w):
    incident = w.hand_off(note="It began after the release")

    made = HandOff.objects.get()
    assert (incident.party, incident.owner, incident.version) == ("l2", w.alice, 3)
    assert (made.from_party, made.from_team, made.to_party, made.to_team, made.waits) == (
        "l1",
        w.l1,
        "l2",
        w.l2,
        True,
    )
    assert made.evidence == [
        {"key": "symptom", "label": "What is seen, since when, by whom", "given": BROUGHT["symptom"]},
        {
            "key": "runbook",
            "label": "Which runbook was followed, and where it ended",
            "given": BROUGHT["runbook"],
        },
    ]
    assert w.held() == [("l1", 0, 10), ("l2", 10, None)]
    assert w.heard() == {"Bob Second"}
    assert w.last().text == "Alice Desk handed it to L2 (Second line)"
    assert (w.last().visibility, w.last().data["note"]) == (Visibility.INTERNAL, "It began after the release")


def test_without_what_they_must_have_it_is_refused_with_all_that_is_missing(w):
    with pytest.raises(Invalid) as refused:
        w.hand_off(evidence={"symptom": "Slow", "runbook": "  "})
    assert refused.value.extra["missing"] == ["Which runbook was followed, and where it ended"]
    with pytest.raises(Invalid, match=r"doesn't ask for colour.*symptom, runbook, logs"):
        w.hand_off(evidence={**BROUGHT, "colour": "red"})
    with pytest.raises(Invalid, match="at most 2000 characters"):
        w.hand_off(evidence={**BROUGHT, "logs": "x" * 2001})
    assert (HandOff.objects.count(), w.held()) == (0, [("l1", 0, None)])


@pytest.mark.parametrize("party", ["", "nobody", "L2"])
def test_a_party_that_is_none_is_refused(w, party):
    with pytest.raises(Invalid) as refused:
        w.hand_off(party, evidence={})
    assert "party" in refused.value.fields


def test_a_team_must_be_of_the_party(w):
    with pytest.raises(Invalid) as refused:
        w.hand_off(team=w.ml)
    assert refused.value.fields == {"team": "a team of L2"}


def test_to_whoever_holds_it_already_nothing_changes(w):
    version = w.incident.version
    assert w.hand_off("l1", evidence={}).version == version
    w.hand_off()
    assert w.hand_off(after=12).version == version + 1
    assert HandOff.objects.count() == 1


def test_one_that_waits_has_to_be_taken_back_before_another(w):
    w.hand_off()
    with pytest.raises(IllegalState, match="It waits for L2"):
        w.to_engineering(after=12)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOff.objects.create(incident=w.incident, from_party="l1", to_party="partner", at=NOW)


def test_taking_over_makes_its_person_the_owner_and_tells_the_giver(w):
    w.hand_off()
    incident = w.do("accept_hand_off", w.bob, 14)

    made = HandOff.objects.get()
    assert (incident.owner, made.accepted_by, made.accepted_at) == (w.bob, w.bob, NOW + 14 * MINUTE)
    assert (made.waits, made.ended_at) == (False, None)
    assert w.heard("incident.hand_off_answered") == {"Alice Desk"}
    assert w.last().text == "Bob Second took it over for L2"
    version = incident.version
    assert w.do("accept_hand_off", w.bob, 15).version == version


def test_beginning_to_work_is_taking_over(w):
    w.hand_off()
    w.do("investigate", w.bob, 12)
    assert HandOff.objects.get().accepted_by == w.bob


def test_work_of_somebody_else_is_not_taking_over(w):
    w.hand_off()
    w.do("investigate", w.alice, 12)
    assert HandOff.objects.get().waits


def test_given_to_one_of_theirs_it_is_taken_over_and_to_another_party_nobody_waits(w):
    w.hand_off()
    w.do("assign", w.alice, 12, owner=w.bob)
    assert HandOff.objects.get().accepted_by == w.bob
    w.do("take_back", w.alice, 13)
    w.hand_off(after=14)
    w.do("assign", w.alice, 15, owner=w.alice)
    newest = HandOff.objects.latest("pk")
    assert (newest.accepted_at, newest.ended_at, w.incident.party) == (None, NOW + 15 * MINUTE, "l1")


def test_giving_back_needs_a_reason_and_makes_it_the_givers_again(w):
    w.hand_off()
    with pytest.raises(Invalid):
        w.do("bounce_hand_off", w.bob, 12, reason=" ")
    w.do("bounce_hand_off", w.bob, 13, reason="Step 4 of the runbook solves it")

    made = HandOff.objects.get()
    assert (w.incident.party, made.bounce_reason, made.bounced_by) == (
        "l1",
        "Step 4 of the runbook solves it",
        w.bob,
    )
    assert w.held() == [("l1", 0, 10), ("l2", 10, 13), ("l1", 13, None)]
    assert w.incident.party_intervals.latest("pk").team == w.l1
    assert w.last().text == "Bob Second gave it back to L1: Step 4 of the runbook solves it"
    assert w.heard("incident.hand_off_answered") == {"Alice Desk"}


def test_it_goes_on_and_comes_back_the_way_it_went(w):
    w.hand_off()
    w.do("accept_hand_off", w.bob, 12)
    w.to_engineering()
    assert w.heard() == {"Bob Second", "Eve Models"}
    w.do("accept_hand_off", w.eve, 35)
    assert w.incident.owner == w.bob  # whoever builds the models works no incidents
    w.do("take_back", w.bob, 50)
    assert (w.incident.party, HandOff.objects.latest("pk").returned_at) == ("l2", NOW + 50 * MINUTE)
    w.do("take_back", w.alice, 60)
    assert w.held() == [
        ("l1", 0, 10),
        ("l2", 10, 30),
        ("engineering", 30, 50),
        ("l2", 50, 60),
        ("l1", 60, None),
    ]
    with pytest.raises(IllegalState, match="handed to nobody"):
        w.do("take_back", w.alice, 61)


def test_only_those_it_was_handed_to_answer(w):
    w.hand_off()
    for who in (w.eve, w.carl, w.stranger):
        with pytest.raises(NotAllowed):
            w.do("accept_hand_off", who, 12)
    w.do("accept_hand_off", w.bob, 13)
    w.to_engineering()
    with pytest.raises(NotAllowed):
        w.do("bounce_hand_off", w.stranger, 31, reason="Not mine")
    w.do("bounce_hand_off", w.eve, 32, reason="No model of ours")
    assert w.incident.party == "l2"


def test_the_client_is_told_reads_the_line_and_answers(w):
    w.hand_off("client", evidence={"question": "May we switch to the rules?"}, note="By noon")
    assert (w.heard(), w.last().visibility) == ({"Carl Client"}, Visibility.CLIENT)
    assert w.last().text == "Alice Desk handed it to Client: By noon"
    w.do("accept_hand_off", w.carl, 12)
    assert HandOff.objects.get().accepted_by == w.carl


def test_where_nobody_can_be_told_the_line_says_so(w):
    team = make.team("platform_ops", (make.user("stakeholder"),), name="Platform Ops")
    given = {"resource": "Redis", "metrics": "Latency"}
    w.hand_off("platform_ops", team=team, evidence=given)  # not party to the service: they may not see it
    assert w.last().text == "Alice Desk handed it to Platform Ops; nobody of them could be told from here"
    assert w.heard() == set()


@pytest.mark.parametrize(
    ("name", "inputs"), [("resolve", {"resolution": "fixed"}), ("cancel", {"reason": "Test"})]
)
def test_the_end_of_the_incident_ends_what_waits(w, name, inputs):
    w.hand_off()
    w.do(name, w.alice, 20, **inputs)
    assert (HandOff.objects.get().ended_at, HandOff.objects.get().accepted_at) == (NOW + 20 * MINUTE, None)
    with pytest.raises(IllegalState):
        w.hand_off(after=21)


def test_on_hold_nothing_is_handed_on_or_back_but_may_be_taken_over(w):
    w.hand_off()
    w.do("hold", w.alice, 12, party="client", reason="Samples")
    for name, inputs in (
        ("hand_off", {"party": "partner"}),
        ("bounce_hand_off", {"reason": "No"}),
        ("take_back", {}),
    ):
        with pytest.raises(IllegalState):
            w.do(name, w.alice, 13, **inputs)
    w.do("accept_hand_off", w.bob, 14)
    w.do("resume", w.bob, 20)
    assert w.incident.party == "l2"


def test_time_by_party_of_many_incidents_is_one_query(w, django_assert_num_queries):
    w.hand_off()
    other = make.incident(service=w.service)
    now, both = NOW + 30 * MINUTE, Incident.objects.filter(pk__in=[w.incident.pk, other.pk])
    with django_assert_num_queries(1):
        found = party_time.by_incident(both, now)
    assert found == {
        w.incident.pk: {"l1": 10 * MINUTE, "l2": 20 * MINUTE},
        other.pk: {"l1": 30 * MINUTE},
    }
    with django_assert_num_queries(1):
        assert party_time.totals(both, now) == {"l1": 40 * MINUTE, "l2": 20 * MINUTE}
    within = (NOW + 5 * MINUTE, NOW + 15 * MINUTE)
    assert party_time.totals(both, now, within=within) == {"l1": 15 * MINUTE, "l2": 5 * MINUTE}


# the page


@pytest.fixture
def live():
    """The same world now, for pages."""
    made = World(clock.now() - 60 * MINUTE)
    made.hand_off(note="Since the release")
    return made


def test_the_rail_says_whose_it_is_what_was_brought_and_how_long_each_had_it(client, live):
    client.force_login(live.bob)
    page = text(client.get(f"/incidents/{live.incident.ref}/"))
    for words in (
        "Waits to be taken over",
        "Alice Desk handed it from L1 to L2",
        BROUGHT["symptom"],
        "Since the release",
    ):
        assert words in page
    assert (
        "/accept_hand_off/" in page and 'data-opens="do-bounce_hand_off"' in page and "Time by party" in page
    )
    mine = text(client.get(f"/incidents/{live.incident.ref}/whose/"))
    assert (
        "L2 may" in mine
        and "Roll back" in mine
        and "To Engineering bring" in mine
        and "How to reproduce it" in mine
    )


def test_taking_over_and_giving_back_in_the_portal(client, live):
    client.force_login(live.bob)
    refused = verb(client, live.incident, "bounce_hand_off", headers=HX)
    assert (refused.status_code, refused["HX-Retarget"]) == (400, "#problem-bounce_hand_off")
    answer = verb(client, live.incident, "accept_hand_off", headers=HX)
    assert "taken over by Bob Second" in text(answer)
    assert "Waits to be taken over" not in text(answer)


def test_the_form_asks_for_what_the_chosen_party_wants(client, live):
    client.force_login(live.alice)
    fields = text(client.get(f"/incidents/{live.incident.ref}/asked-for/?party=platform_ops"))
    assert 'name="evidence-resource"' in fields and 'name="evidence-symptom"' not in fields
    verb(client, live.incident, "take_back")
    refused = verb(client, live.incident, "hand_off", headers=HX, party="platform_ops")
    assert refused.status_code == 400 and "Metrics that show it" in text(refused)
    given = {"evidence-resource": "Redis 3", "evidence-metrics": "https://grafana.example/d/1"}
    done = verb(client, live.incident, "hand_off", headers=HX, party="platform_ops", **given)
    assert done.status_code == 200 and 'href="https://grafana.example/d/1"' in text(done)


def test_outsiders_see_who_holds_it_and_no_more_and_no_buttons_that_are_not_theirs(client, live):
    client.force_login(live.carl)
    page = text(client.get(f"/incidents/{live.incident.ref}/"))
    assert "Who owns this now" in page
    for hidden in (
        BROUGHT["symptom"],
        "accept_hand_off",
        "do-bounce_hand_off",
        "Time by party",
        "Second line",
    ):
        assert hidden not in page


def test_a_page_with_a_hand_off_asks_no_more_than_one_without(client, live, engines_known):
    client.force_login(live.bob)
    other = make.incident(service=live.service, now=clock.now())

    def cost(incident):
        client.get(f"/incidents/{incident.ref}/")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/incidents/{incident.ref}/")
        return len(seen)

    assert cost(live.incident) <= cost(other) <= 15


# programs


def post(client, incident, name, user, **data):
    client.force_login(user)
    return client.post(f"/api/v1/incidents/{incident.ref}/{name}/", data, content_type="application/json")


def test_programs_hand_on_and_read_how_it_went(client, live):
    refused = post(client, live.incident, "hand_off", live.alice, party="l2", reason="x")
    assert refused.status_code == 400
    taken = post(client, live.incident, "accept_hand_off", live.bob)
    assert (taken.status_code, taken.json()["owner"], taken.json()["party"]) == (200, live.bob.email, "l2")
    missing = post(
        client, live.incident, "hand_off", live.bob, party="engineering", evidence={"logs": "here"}
    )
    assert missing.status_code == 400 and missing.json()["error"]["missing"] == [
        "How to reproduce it, or one failing request",
        "What was tried and what it changed",
    ]
    told = client.get(f"/api/v1/incidents/{live.incident.ref}/parties/").json()
    assert [row["party"] for row in told["intervals"]] == ["l1", "l2"]
    assert [row["party"] for row in told["totals"]] == ["l1", "l2"]
    assert round(sum(row["share"] for row in told["totals"]), 2) == 1
    assert told["hand_offs"][0]["accepted_by"] == "Bob Second"
    client.force_login(live.carl)
    outside = client.get(f"/api/v1/incidents/{live.incident.ref}/parties/").json()
    assert outside["hand_offs"] == [] and {row["team"] for row in outside["intervals"]} == {None}
