"""Pages of boundaries, the operating model, dependencies and standards: what they say, who edits, at what cost."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from core import clock
from core.errors import IllegalState, Invalid
from core.types import person
from services.domain import operating_model, readiness
from services.domain.responsibilities import set_letters
from services.models import (
    CalendarException,
    CalendarFrame,
    Dependency,
    OperatingModelVersion,
    PartyTerms,
    ReadinessResult,
    Responsibility,
)
from services.queries.boundaries import boundaries_of
from services.validators import validate_authority, validate_evidence
from tests import make
from tests.make import NOW
from tests.services import operating

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    operating.defaults()
    user = make.user("lead", name="Lena Lead", site=make.site())
    client.force_login(user)
    return user


@pytest.fixture
def service(lead):
    alice = make.user("stakeholder", name="Alice")
    team = make.team(lead=lead, name="Desk")
    return make.service(
        slug="scorer", name="Scorer", owning_team=team, client=make.client_((alice,), name="Lumen")
    )


def text(response):
    assert response.status_code == 200, (response.status_code, response.content[:400])
    return response.content.decode()


def get(client, name, *args, **query):
    return text(client.get(reverse(f"services:{name}", args=args), query))


def own_rows(service):
    return {row.slug: dict(row.letters) for row in boundaries_of(service).duties if row.own}


# the matrix


def test_the_matrix_says_who_does_what_and_marks_what_is_the_services_own(client, lead, service):
    set_letters(service, {"retrain": {"partner": "RA"}}, actor=person(lead), now=NOW)
    page = get(client, "boundaries", "scorer")
    assert "1 activity is this service" in page and "Retrain a model" in page
    assert '<abbr class="raci-ra" title="Responsible and accountable">RA</abbr>' in page
    assert "Partner has work here, but no team stands for it." in page


def test_the_client_reads_the_boundaries_of_their_service_without_our_open_ends(client, service):
    client.force_login(service.client.members.get().user)
    page = get(client, "boundaries", "scorer")
    assert "Tell the client" in page and "left open" not in page and "Edit" not in page


def posted(client, service, **changes):
    """The form as the page shows it, with some fields changed."""
    data = {
        f"{duty.slug}:{party}": duty.letters.get(party, "")
        for duty in boundaries_of(service).duties
        for party in ("l1", "l2", "engineering", "platform_ops", "partner", "client")
    }
    return client.post(reverse("services:boundaries", args=[service.slug]), {**data, **changes})


def test_a_lead_edits_the_matrix_and_what_stays_the_same_follows_the_template(client, lead, service):
    assert posted(client, service, **{"deploy:l2": "RA", "deploy:engineering": "C"}).status_code == 302
    assert own_rows(service) == {
        "deploy": {"l1": "I", "l2": "RA", "engineering": "C", "platform_ops": "C", "client": "I"}
    }
    entry = AuditEntry.objects.get(action="boundaries.edit")
    assert (entry.subject_name, list(entry.detail)) == ("scorer", ["deploy"])
    assert posted(client, service).status_code == 302
    assert AuditEntry.objects.filter(action="boundaries.edit").count() == 1
    posted(client, service, template="deploy")
    assert own_rows(service) == {}


@pytest.mark.parametrize("value", ["X", "<b>", "RA; DROP"])
def test_a_letter_that_is_none_is_refused(client, service, value):
    assert posted(client, service, **{"deploy:l2": value}).status_code == 400
    assert own_rows(service) == {}


def test_the_template_is_edited_for_all(client, service):
    url = reverse("services:template_matrix")
    assert "Follow the template" not in text(client.get(url))
    assert client.post(url, {"cost:l1": "C", "cost:l2": "RA"}).status_code == 302
    letters = dict(Responsibility.objects.filter(activity__slug="cost").values_list("party", "letter"))
    assert letters == {"l1": "C", "l2": "RA"}
    assert Responsibility.objects.filter(activity__slug="detect").count() == 5  # not in what was sent


@pytest.mark.parametrize("wanted", [{"nothing": {}}, {"cost": {"boss": "A"}}, {"cost": {"l1": "Z"}}])
def test_nonsense_in_the_matrix_is_refused_by_name(lead, wanted):
    with pytest.raises(Invalid):
        set_letters(None, wanted, actor=person(lead), now=NOW)


@pytest.mark.parametrize(
    "value",
    ["x", [1], ["fly"], ["deploy", "deploy"], {"deploy": True}],
)
def test_authority_is_a_list_of_what_we_know(value):
    with pytest.raises(ValidationError):
        validate_authority(value)


@pytest.mark.parametrize(
    "value",
    [
        "x",
        [{"key": "Logs", "label": "Logs"}],
        [{"key": "logs"}],
        [{"key": "logs", "label": " "}],
        [{"key": "logs", "label": "Logs", "required": "yes"}],
        [{"key": "logs", "label": "Logs", "why": "?"}],
        [{"key": "logs", "label": "A"}, {"key": "logs", "label": "B"}],
        [{"key": f"k{n}", "label": "x"} for n in range(21)],
    ],
)
def test_evidence_has_keys_and_labels(value):
    with pytest.raises(ValidationError):
        validate_evidence(value)


# the document


def test_a_version_is_what_held_when_it_was_published(client, lead, service):
    operating_model.publish(note="First", actor=person(lead), now=NOW)
    set_letters(None, {"deploy": {"l2": "RA"}}, actor=person(lead), now=NOW)
    PartyTerms.objects.create(party="partner", service=service, scope_in="Fields", timebox_minutes=90)
    now = get(client, "operating_model")
    for words in (
        "Draft: not in version 1 yet",
        "Deploy · Engineering",
        "scorer · Partner · Its work",
        "1 h 30",
    ):
        assert words in now
    assert "Changed since" not in get(client, "operating_model_version", 1)
    client.post(reverse("services:operating_model_publish"), {"note": "Second line deploys"})
    second = get(client, "operating_model_version", 2)
    assert "Changed since version 1" in second and "Second line deploys" in second
    assert "Draft:" not in get(client, "operating_model")
    assert get(client, "operating_model_version", 2, since="99").count("Changed since") == 0


def test_publishing_needs_a_note_and_a_change(lead, service):
    for note in ("", "  ", "x" * 301):
        with pytest.raises(Invalid):
            operating_model.publish(note=note, actor=person(lead), now=NOW)
    operating_model.publish(note="First", actor=person(lead), now=NOW)
    with pytest.raises(IllegalState, match="since version 1"):
        operating_model.publish(note="Again", actor=person(lead), now=NOW)
    assert OperatingModelVersion.objects.count() == 1


def test_the_difference_of_a_model_with_itself_is_nothing_and_each_edit_is_one_line(lead, service):
    before = operating_model.current()
    assert operating_model.differences(before, before) == []
    PartyTerms.objects.filter(party="l1", service=None).update(timebox_minutes=20, scope_out="")
    changes = operating_model.differences(before, operating_model.current())
    assert [(each.where, each.before, each.after) for each in changes] == [
        ("L1 · Timebox", "30 min", "20 min"),
        ("L1 · Not its work", "Changes of code, data, configuration or models.", "–"),
    ]


@pytest.mark.parametrize("number", ["0", "2", "99999999999999"])
def test_a_version_that_is_none_is_not_found(client, lead, number):
    assert client.get(f"/services/operating-model/{number}/").status_code == 404


# a service's page


def test_the_page_of_a_service_says_who_may_what_what_hangs_on_it_and_what_it_misses(client, lead, service):
    store, bank = make.service(slug="store"), make.service(slug="bank-app")
    Dependency.objects.create(upstream=store, downstream=service, note="features, hourly")
    Dependency.objects.create(upstream=service, downstream=bank, critical=False)
    readiness.check_all(clock.now())
    page = get(client, "detail", "scorer")
    for words in (
        "Who does what",
        "Roll back",
        "features, hourly",
        "If this is down:",
        "bank-app",
        "Readiness",
    ):
        assert words in page
    panel = get(client, "readiness_panel", "scorer")
    assert "Never drilled" in panel and "Lena Lead" in panel
    client.force_login(service.client.members.get().user)
    outside = get(client, "detail", "scorer")
    for words in ("store", "bank-app", "Readiness", "Never drilled"):
        assert words not in outside


def test_the_page_of_a_service_asks_at_most_twelve_questions_and_is_small(
    client, lead, service, engines_known
):
    for number in range(9):
        Dependency.objects.create(upstream=make.service(slug=f"up-{number}"), downstream=service)
        Dependency.objects.create(upstream=service, downstream=make.service(slug=f"down-{number}"))
    readiness.check_all(clock.now())
    make.model(service)
    weeks = [make.calendar(always_open=False, zone="America/Bogota") for _ in range(2)]
    for week in weeks:
        CalendarFrame.objects.create(calendar=week, weekday=0, opens=480, closes=1020)
        CalendarException.objects.create(calendar=week, date=date(2026, 12, 24), reason="Eve")
    service.agreement, service.support_calendar = make.agreement(calendar=weeks[0]), weeks[1]
    service.save()
    service.parties.add(make.team("engineering", name="Forge"), make.team("partner", name="Anvil"))
    url = reverse("services:detail", args=["scorer"])
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(url)
    assert len(seen) <= 12, "\n".join(query["sql"][:60] + " … " + query["sql"][-160:] for query in seen)
    assert "Anvil, Forge" in text(answer)
    assert len(answer.content) <= 150_000 and "and 1 more upstream, 1 more downstream" in text(answer)


def test_no_service_is_called_as_a_page_is(client, lead):
    body = {"slug": "standards", "name": "S", "kind": "online", "owning_team": make.team().slug}
    answer = client.post("/api/v1/services/", body, content_type="application/json")
    assert answer.status_code == 400 and "another slug" in answer.content.decode()


# standards


def test_the_scorecard_shows_marks_scores_and_how_many_meet_each(client, lead, service):
    make.service(slug="other", name="Other", tier=3)
    readiness.check_all(clock.now())
    page = get(client, "standards")
    assert "Has an owner" in page and "Scorer" in page and "Other" in page and "1/2" in page
    assert "Scorer" not in get(client, "standards", tier="3")
    rows = get(client, "standards_csv").splitlines()
    assert rows[0].startswith("service,client,tier,team,score,owner,agreement,boundaries")
    assert [row.split(",")[0] for row in rows[1:]] == ["other", "scorer"]
    assert ",pass,pass," in rows[2]


def test_a_name_that_is_a_formula_is_none_in_the_file(client, lead):
    make.service(client=make.client_(name="=cmd()"))
    assert "'=cmd()" in get(client, "standards_csv")


def test_looking_again_and_taking_on_what_is_missed(client, lead, service):
    client.post(reverse("services:readiness_check", args=["scorer"]))
    row = ReadinessResult.objects.get(service=service, standard="drill")
    assert (row.state, row.owner) == ("fail", lead)
    bob = make.user(name="Bob")
    url = reverse("services:readiness_take_on", args=["scorer", "drill"])
    due = clock.now().date()
    assert client.post(url, {"owner": bob.pk, "due": f"{due:%Y-%m-%d}"}).status_code == 302
    row.refresh_from_db()
    assert (row.owner, row.due) == (bob, due)
    for wrong in ({"owner": bob.pk, "due": "tomorrow"}, {"owner": "0"}, {"due": "1999-01-01"}):
        assert client.post(url, wrong).status_code == 400
    page = get(client, "readiness", "scorer")
    assert "Begin a fire drill" in page and "came to be missed" in page


# programs


def test_programs_read_and_write_boundaries(client, lead, service):
    url = "/api/v1/services/scorer/boundaries/"
    told = client.get(url).json()
    assert {row["activity"] for row in told["duties"]} >= {"detect", "retrain"}
    assert told["parties"][0]["party"] == "l1" and told["problems"]
    put = {"letters": {"retrain": {"l2": "RA"}}}
    answer = client.patch(url, put, content_type="application/json").json()
    (row,) = [row for row in answer["duties"] if row["activity"] == "retrain"]
    assert (row["letters"], row["own"]) == ({"l2": "RA"}, True)
    client.patch(url, {"letters": {"retrain": None}}, content_type="application/json")
    assert own_rows(service) == {}
    for wrong in (
        {},
        {"letters": {}},
        {"letters": {"retrain": {"boss": "A"}}},
        {"letters": {"zzz": {"l1": "A"}}},
        {"letters": 7},
    ):
        assert client.patch(url, wrong, content_type="application/json").status_code == 400


def test_programs_keep_activities_terms_and_dependencies(client, lead, service):
    def post(resource, **data):
        return client.post(f"/api/v1/{resource}/", data, content_type="application/json")

    made = post("activities", slug="paint", name="Paint", group="run", letters={"l1": "RA"})
    assert (made.status_code, made.json()["letters"]) == (201, {"l1": "RA"})
    assert (
        post("party-terms", party="l1", authority=["restart"]).status_code == 400
    )  # the template's are there
    terms = post("party-terms", party="l1", service="scorer", authority=["restart"], timebox_minutes=5)
    assert (terms.status_code, terms.json()["service"]) == (201, "scorer")
    assert post("party-terms", party="l1", service="scorer").status_code == 400
    assert post("party-terms", party="l2", service="scorer", authority=["fly"]).status_code == 400
    assert post("party-terms", party="l2", service="scorer", hands_to="l2").status_code == 400
    assert post("party-terms", party="l2", service="scorer", timebox_minutes=0).status_code == 400
    store = make.service(slug="store")
    edge = post("dependencies", upstream="store", downstream="scorer", kind="storage")
    assert (edge.status_code, edge.json()["critical"]) == (201, True)
    assert post("dependencies", upstream="store", downstream="scorer", kind="storage").status_code == 400
    assert post("dependencies", upstream="store", downstream="store").status_code == 400
    assert client.get("/api/v1/dependencies/?service=scorer").json()["results"][0]["upstream"] == "store"
    assert client.delete(f"/api/v1/dependencies/{edge.json()['id']}/").status_code == 204
    assert not Dependency.objects.filter(upstream=store).exists()


def test_programs_read_readiness_and_say_who_mends(client, lead, service):
    readiness.check_all(clock.now())
    rows = client.get("/api/v1/readiness/?service=scorer&state=fail").json()["results"]
    drill = next(row for row in rows if row["standard"] == "drill")
    assert (drill["label"], drill["owner"]) == ("Answered a drill within 90 days", lead.email)
    url = f"/api/v1/readiness/{drill['id']}/"
    answer = client.patch(url, {"owner": None}, content_type="application/json")
    assert (answer.status_code, answer.json()["owner"], answer.json()["due"]) == (200, None, drill["due"])


def test_programs_publish_and_read_versions(client, lead, service):
    made = client.post(
        "/api/v1/operating-model-versions/", {"note": "First"}, content_type="application/json"
    )
    assert made.status_code == 201
    whole = client.get("/api/v1/operating-model-versions/1/").json()
    assert len(whole["snapshot"]["activities"]) == 23 and whole["published_by"] == lead.email


@pytest.mark.parametrize(
    "name",
    ["activity", "partyterms", "dependency", "operatingmodelversion", "readinessresult", "readinesschange"],
)
def test_leads_find_it_in_the_admin(client, lead, service, name):
    operating_model.publish(note="First", actor=person(lead), now=NOW)
    Dependency.objects.create(upstream=make.service(), downstream=service)
    readiness.check_all(NOW)
    assert client.get(reverse(f"admin:services_{name}_changelist")).status_code == 200
    if name in {"activity", "partyterms", "dependency"}:
        assert client.get(reverse(f"admin:services_{name}_add")).status_code == 200
