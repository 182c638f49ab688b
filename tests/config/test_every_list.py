"""Every list, portal and API, with one thing and with three: it costs the same, counts, finds, and turns pages.

A new list takes part by a row in LISTS or PAGES; `test_every_list_of_the_api_is_here` asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from accounts.domain import audit, tokens
from accounts.models import User
from core import clock
from core.types import SYSTEM
from core.types import person as acting
from incidents.domain import correcting, lifecycle, replanning
from monitoring.domain.integrations import save_new
from monitoring.models import Integration, RawDelivery
from notifications.domain import contacts
from notifications.models import Message
from rotas.domain import escalation
from rotas.models import EscalationRun, Leave, Swap
from runbooks.domain.save import index
from runbooks.models import Runbook, RunbookStep
from services.domain import maintenance
from services.models import Dependency, ModelVersion, OperatingModelVersion, PartyTerms, ReadinessResult
from tests import make
from tests.access.test_matrix import names
from tests.rotas import make as rota_make
from tests.services import operating

pytestmark = pytest.mark.django_db
WORD = "quokka"


@pytest.fixture
def lead(client) -> User:
    person = make.user("lead", name="Lena Lead", site=make.site())
    client.force_login(person)
    return person


def person(lead: User, word: str) -> Any:
    return make.user(name=f"Person {word}", site=make.site())


def team(lead: User, word: str) -> Any:
    return make.team(name=f"Team {word}", members=(lead,), lead=make.user())


def site(lead: User, word: str) -> Any:
    return make.site(name=f"Site {word}")


def token(lead: User, word: str) -> Any:
    return tokens.issue(lead, f"export {word}", ["read"], None, clock.now())[0]


def audited(lead: User, word: str) -> Any:
    return audit.record("test.did", actor=SYSTEM, now=clock.now(), subject_name=f"thing {word}")


def service(lead: User, word: str) -> Any:
    return make.service(name=f"Service {word}", client=make.client_(), owning_team=make.team(lead=lead))


def client_of_ours(lead: User, word: str) -> Any:
    return make.client_(name=f"Client {word}")


def agreement(lead: User, word: str) -> Any:
    return make.agreement(name=f"Agreement {word}")


def calendar(lead: User, word: str) -> Any:
    return make.calendar(name=f"Calendar {word}")


def correction(lead: User, word: str) -> Any:
    broken = make.incident().clocks.get(kind="acknowledge")
    broken.breached_at = broken.due_at
    broken.save(update_fields=["breached_at"])
    return correcting.ask(
        broken.incident, broken.pk, actor=acting(lead), now=clock.now(), verdict="kept", reason=f"Seen {word}"
    )


def replanned(lead: User, word: str) -> Any:
    return replanning.ask(
        actor=acting(lead),
        now=clock.now(),
        how="keep",
        reason=f"Because of {word}",
        agreement=make.agreement(),
    )


def objective(lead: User, word: str) -> Any:
    made = make.objective(name=f"Objective {word}", now=clock.now())
    make.objective(made.service, name=f"Up {word}", indicator="availability", unit="", now=clock.now())
    make.impact(made.service, 5, now=clock.now(), note=f"Impact {word}")
    return made


def one_objective(lead: User, word: str) -> Any:
    return make.objective(name=f"Objective {word}", now=clock.now())


def impact(lead: User, word: str) -> Any:
    return make.impact(make.service(), 5, now=clock.now(), note=f"Impact {word}")


def window(lead: User, word: str) -> Any:
    now = clock.now()
    return maintenance.plan(
        [make.service(), make.service()],
        title=f"Work {word}",
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        actor=SYSTEM,
        now=now,
    )


def model(lead: User, word: str) -> Any:
    return make.model(make.service(), name=f"model-{word}")


def version(lead: User, word: str) -> Any:
    return ModelVersion.objects.create(model=make.model(make.service()), version=f"v1-{word}")


def activity(lead: User, word: str) -> Any:
    return operating.activity(f"act-{word}", {"l1": "RA", "l2": "C"})


def party_terms(lead: User, word: str) -> Any:
    return PartyTerms.objects.create(
        party="l2", service=make.service(), team=make.team("l2"), scope_in=f"Things {word}"
    )


def dependency(lead: User, word: str) -> Any:
    return Dependency.objects.create(upstream=make.service(), downstream=make.service(), note=word)


def ready(lead: User, word: str) -> Any:
    now = clock.now()
    return ReadinessResult.objects.create(
        service=make.service(client=make.client_()),
        standard="owner",
        state="fail",
        evidence=f"No {word}",
        since=now,
        checked_at=now,
        owner=make.user(),
    )


def operating_model_version(lead: User, word: str) -> Any:
    number = OperatingModelVersion.objects.count() + 1
    return OperatingModelVersion.objects.create(
        number=number,
        snapshot={"activities": [], "parties": [], "services": []},
        note=f"About {word}",
        published_at=clock.now(),
        published_by=make.user(site=make.site()),
    )


def _message(lead: User, word: str, **fields: Any) -> Any:
    now = clock.now()
    values = {
        "recipient": lead,
        "kind": "incident.page",
        "created_at": now,
        "about_kind": "incident",
        **fields,
    }
    key = f"list:{Message.objects.count()}:{word}"
    return Message.objects.create(subject=f"Called about {word}", dedup_key=key, **values)


def letter(lead: User, word: str) -> Any:
    return _message(lead, word, channel="in_app", state="sent", sent_at=clock.now(), about_ref="INC-7")


def sent_mail(lead: User, word: str) -> Any:
    return _message(
        make.user(name=f"Person {word}"), word, channel="email", state="failed", about_ref="INC-7"
    )


def contact(lead: User, word: str) -> Any:
    owner = acting(lead)
    point, _ = contacts.add(lead, "email", f"{word}@home.example", name=word, actor=owner, now=clock.now())
    return point


def escalation_policy(lead: User, word: str) -> Any:
    called = rota(lead, word)
    made = rota_make.policy(
        [called, make.user(name=f"Person {word}")], make.team(lead=lead), name=f"Policy {word}"
    )
    made.assignments.create(service=make.service(name=f"Service {word}"))
    return made


def rota(lead: User, word: str) -> Any:
    return rota_make.rota(make.user(site=make.site()), make.user(site=make.site()), name=f"Rota {word}")


def swap(lead: User, word: str) -> Any:
    now = clock.now()
    return Swap.objects.create(
        rota=rota_make.rota(name=f"Rota {word}"),
        giver=make.user(site=make.site()),
        taker=make.user(site=make.site()),
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=2),
        offered_at=now,
        expires_at=now + timedelta(days=1),
    )


def leave(lead: User, word: str) -> Any:
    now = clock.now()
    person = make.user(name=f"Person {word}", site=make.site())
    return Leave.objects.create(
        user=person, starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=2), asked_at=now
    )


def override(lead: User, word: str) -> Any:
    now = clock.now()
    where = rota_make.rota(make.user(), name=f"Rota {word}")
    return rota_make.override(where, now, now + timedelta(hours=1), user=make.user(site=make.site()))


def handover(lead: User, word: str) -> Any:
    people = [make.user(site=make.site()), make.user(site=make.site())]
    made = rota_make.handover(
        rota_make.rota(name=f"Rota {word}"), [lead, people[0]], [people[1]], at=clock.now()
    )
    rota_make.item(made)
    return made


def policy(lead: User, word: str) -> Any:
    return make.policy(make.user(), make.user(), name=f"Policy {word}", is_default=False)


def run(lead: User, word: str) -> Any:
    rule = make.policy(make.user(), make.user(), name=f"Policy {word}", is_default=False)
    now = clock.now()
    opened = make.incident(now=now)
    escalation.tick(now)
    begun = escalation.start("incident", opened.pk, rule, now=now)
    escalation.tick(now)
    return begun


def runbook(lead: User, word: str) -> Any:
    n = Runbook.objects.count()
    book = Runbook.objects.create(slug=f"book-{n}", title=f"Book {word}", body="Look.")
    RunbookStep.objects.create(runbook=book, position=1, text="Look")
    book.services.add(make.service())
    index(book)
    return book


def alert(lead: User, word: str) -> Any:
    return make.alert(make.service(), title=f"Late {word}", at=clock.now())


def integration(lead: User, word: str) -> Any:
    return save_new(Integration(name=f"Tool {word}", source="generic"), actor=SYSTEM, now=clock.now())


def delivery(lead: User, word: str) -> Any:
    now = clock.now()
    return RawDelivery.objects.create(
        integration_id=make.integration().pk,
        received_at=now,
        body=b"{",
        state="parked",
        reason="not JSON",
        delivery_id=word,
        expires_at=now + timedelta(days=1),
    )


def incident(lead: User, word: str) -> Any:
    opened = make.incident(title=f"Slow {word}", service=make.service(client=make.client_()), now=clock.now())
    return lifecycle.assign(opened, actor=SYSTEM, now=clock.now(), owner=make.user(site=make.site()))


@dataclass(frozen=True)
class List:
    """A list of the API: how one thing of it is made (found by a word), and whether the newest comes first."""

    name: str
    make: Callable[[User, str], Any]
    newest_first: bool = False
    word: str = WORD

    def __str__(self) -> str:
        return self.name


LISTS = [
    List("user-list", person),
    List("team-list", team),
    List("site-list", site),
    List("token-list", token, newest_first=True),
    List("audit-list", audited, newest_first=True),
    List("service-list", service),
    List("client-list", client_of_ours),
    List("objective-list", one_objective),
    List("impact-window-list", impact, newest_first=True),
    List("maintenance-window-list", window, newest_first=True),
    List("agreement-list", agreement),
    List("calendar-list", calendar),
    List("correction-list", correction, newest_first=True),
    List("replanning-list", replanned, newest_first=True),
    List("activity-list", activity),
    List("party-terms-list", party_terms),
    List("dependency-list", dependency),
    List("readiness-list", ready),
    List("operating-model-version-list", operating_model_version, newest_first=True),
    List("model-list", model),
    List("model-version-list", version, newest_first=True),
    List("message-list", letter, newest_first=True),
    List("contact-point-list", contact),
    List("outbox-list", sent_mail, newest_first=True),
    List("rota-list", rota),
    List("override-list", override, newest_first=True),
    List("swap-list", swap, newest_first=True),
    List("leave-list", leave, newest_first=True),
    List("handover-list", handover, newest_first=True),
    List("policy-list", policy),
    List("escalation-run-list", run, newest_first=True),
    List("runbook-list", runbook),
    List("alert-list", alert, newest_first=True),
    List("integration-list", integration),
    List("delivery-list", delivery, newest_first=True),
    List("incident-list", incident, newest_first=True),
]


def key_of(row: dict[str, Any]) -> Any:
    return row.get("ref") or row.get("id") or row["slug"]


def key_of_made(made: Any) -> Any:
    return getattr(made, "ref", None) or (made.pk if not hasattr(made, "slug") else made.slug)


def ask(client: Any, name: str, query: str = "") -> dict[str, Any]:
    answer = client.get(reverse(name) + query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def cost(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_every_list_of_the_api_is_here():
    found = {name for name in names(get_resolver()) if name.endswith("-list")}
    assert found == {row.name for row in LISTS}


@pytest.mark.parametrize("row", LISTS, ids=str)
def test_three_cost_what_one_costs_and_are_counted(row: List, client, lead):
    row.make(lead, "one")
    few = cost(client, reverse(row.name))
    before = ask(client, row.name, "?count=true")["count"]
    row.make(lead, "two"), row.make(lead, "three")
    assert cost(client, reverse(row.name)) == few <= 15
    assert ask(client, row.name, "?count=true")["count"] >= before + 2
    assert "count" not in ask(client, row.name)


@pytest.mark.parametrize("row", LISTS, ids=str)
def test_search_finds_what_has_the_word_and_nothing_else(row: List, client, lead):
    row.make(lead, "other")
    made = [row.make(lead, row.word)]
    found = ask(client, row.name, f"?search={row.word.upper() if row.name != 'delivery-list' else row.word}")
    assert len(found["results"]) == len(made)
    assert ask(client, row.name, "?search=zzznothing")["results"] == []


@pytest.mark.parametrize("row", LISTS, ids=str)
def test_pages_of_one_go_through_everything_once(row: List, client, lead):
    for word in ("one", "two", "three"):
        row.make(lead, word)
    whole = [key_of(each) for each in ask(client, row.name)["results"]]
    seen, url = [], reverse(row.name) + "?limit=1"
    while url and len(seen) <= len(whole):
        page = client.get(url).json()
        seen += [key_of(each) for each in page["results"]]
        url = page["next"]
    assert seen == whole


@pytest.mark.parametrize("row", [row for row in LISTS if row.newest_first], ids=str)
def test_the_newest_comes_first(row: List, client, lead):
    row.make(lead, "older")
    newest = row.make(lead, row.word)
    first = ask(client, row.name)["results"][0]
    assert first.get("ref", first.get("id")) == (newest.ref if "ref" in first else newest.pk)


@pytest.mark.parametrize("query", ["?cursor=nonsense", "?limit=0", "?limit=201", "?limit=x", "?search=%00"])
@pytest.mark.parametrize("row", LISTS, ids=str)
def test_what_makes_no_sense_is_refused_in_the_one_shape(row: List, query: str, client, lead):
    answer = client.get(reverse(row.name) + query)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert {"code", "message", "fields"} <= set(answer.json()["error"])


PAGES = [
    ("incidents:board", "", incident),
    ("incidents:board", "?view=all", incident),
    ("monitoring:alerts", "", alert),
    ("monitoring:parked", "", delivery),
    ("monitoring:integrations", "", integration),
    ("services:list", "", service),
    ("services:standards", "", ready),
    ("services:operating_model", "", operating_model_version),
    ("services:objectives", "", objective),
    ("services:maintenance", "", window),
    ("services:uptime", "", objective),
    ("rotas:list", "", rota),
    ("rotas:handovers", "", handover),
    ("rotas:policies", "", escalation_policy),
    ("runbooks:list", "", runbook),
    ("notifications:inbox", "", letter),
    ("notifications:outbox", "", sent_mail),
    ("accounts:me", "", token),
    ("accounts:audit", "", audited),
    ("reporting:room", "", incident),
    ("reporting:numbers", "", incident),
    ("core:search", f"?q={WORD}", incident),
    ("core:palette", f"?q={WORD}", incident),
]


@pytest.mark.parametrize(("name", "query", "maker"), PAGES, ids=[f"{name}{q}" for name, q, _ in PAGES])
def test_a_page_asks_as_much_for_three_as_for_one(
    name: str, query: str, maker: Any, client, lead, engines_known, monkeypatch
):
    # on a busy machine they were remembered, and the second look cost less
    monkeypatch.setattr("reporting.queries.remembered.DEAR_SECONDS", float("inf"))
    maker(lead, WORD)
    url = reverse(name) + query
    few = cost(client, url)
    maker(lead, WORD), maker(lead, WORD)
    assert cost(client, url) == few <= 15


def test_runs_of_the_list_have_called_somebody(client, lead):
    run(lead, WORD)
    assert EscalationRun.objects.filter(calls__isnull=False).exists()
