"""Following a runbook from the page, the folding of the timeline, and what the shell says."""

from datetime import timedelta

import pytest

from core import clock
from core.types import machine, person
from incidents.choices import EntryKind
from incidents.domain import lifecycle
from incidents.domain.timeline import record
from incidents.queries import timeline
from runbooks.models import Runbook, RunbookStep
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(client):
    person_ = make.user(name="Bob Responder")
    client.force_login(person_)
    return person_


@pytest.fixture
def incident():
    return make.incident(service=make.service(client=make.client_()), now=clock.now())


@pytest.fixture
def book(incident):
    made = Runbook.objects.create(slug="late", title="Late batch")
    made.services.add(incident.service)
    for position, text in enumerate(["Look", "Mend"]):
        RunbookStep.objects.create(runbook=made, position=position, text=text)
    return made


def texts(incident) -> list[str]:
    return list(incident.entries.filter(kind="runbook").order_by("pk").values_list("text", flat=True))


def test_following_a_runbook_writes_each_step_once(client, bob, incident, book):
    url = f"/incidents/{incident.ref}/"
    assert client.get(url).context["suggested"] == [book]
    for _ in range(2):
        client.post(f"{url}runbooks/{book.pk}/follow/")
    link = incident.runbook_links.get()
    step = f"{url}steps/{link.pk}/1/"
    for data in ({"done": "1"}, {"done": "1"}, {}):
        assert client.post(step, data).status_code == 302

    assert texts(incident) == [
        f"Bob Responder follows {book.ref}, Late batch",
        f"Bob Responder did step 2 of {book.ref}: Mend",
        f"Bob Responder took back step 2 of {book.ref}: Mend",
    ]
    assert client.get(url).context["suggested"] == []


def test_a_step_that_is_not_there_is_refused_in_place(client, bob, incident, book):
    client.post(f"/incidents/{incident.ref}/runbooks/{book.pk}/follow/")
    link = incident.runbook_links.get()

    answer = client.post(
        f"/incidents/{incident.ref}/steps/{link.pk}/7/", {"done": "1"}, headers={"hx-request": "true"}
    )
    assert (answer.status_code, answer["HX-Retarget"]) == (400, "#problem-rail")


def test_a_step_of_another_incident_is_not_found(client, bob, incident, book):
    client.post(f"/incidents/{incident.ref}/runbooks/{book.pk}/follow/")
    other = make.incident(now=clock.now())

    link = incident.runbook_links.get()
    assert client.post(f"/incidents/{other.ref}/steps/{link.pk}/0/", {"done": "1"}).status_code == 404


def test_alike_machine_lines_fold_and_people_stay_loud(bob, incident):
    for minute in range(3):
        record(
            incident, EntryKind.ALERT, f"{minute} of 3", actor=machine("Airflow"), now=NOW + timedelta(minutes=minute)
        )  # fmt: skip
    lifecycle.note(incident, actor=person(bob), now=NOW + timedelta(minutes=5), text="I look")
    lines = timeline.lines(
        list(
            incident.entries.filter(happened_at__lte=NOW + timedelta(minutes=5)).order_by("happened_at", "pk")
        ),
        NOW,
        "UTC",
        inside=True,
    )
    assert [(line.form, line.lead, line.words, len(line.also)) for line in lines] == [
        ("quiet", "Airflow:", "2 of 3", 2),
        ("loud", "Bob Responder", "", 0),
    ]


def test_title_and_badge_carry_what_waits(client, bob, incident):
    shell = client.get("/incidents/").context["shell"]
    assert (shell.pulse.count, shell.pulse.worst) == (1, incident.severity)

    lifecycle.acknowledge(incident, actor=person(bob), now=clock.now())
    assert client.get("/incidents/").context["shell"].pulse.count == 0


def test_the_palette_jumps_to_a_ref_and_to_words(client, bob, incident):
    for words in (incident.ref, incident.title):
        assert f"/incidents/{incident.ref}/" in client.get("/palette/", {"q": words}).content.decode()
