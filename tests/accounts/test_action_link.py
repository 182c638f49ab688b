"""Signed links in messages: what they do, for whom, for how long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from accounts.domain import action_links
from accounts.domain.action_links import ActionLink
from accounts.models import AuditEntry, SignInAttempt
from core import clock
from core.actions import unregister
from core.types import person
from incidents.domain import lifecycle
from incidents.models import Entry
from rotas.domain import escalation
from rotas.models import EscalationRun
from tests import make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.MAINSTAY_NUDGES = False
    settings.MAINSTAY_TEST_CLOCK = True


@pytest.fixture
def grace():
    return make.user(name="Grace Wanjiku", site=make.site(zone="Africa/Nairobi"))


@pytest.fixture
def incident(grace):
    make.policy(grace)
    found = make.incident(title="Scores stuck at the fallback", now=clock.now())
    escalation.tick(clock.now())
    return found


def link(user, incident, **fields):
    values = {"action": "incident.acknowledge", "ref": incident.ref, "user_id": user.pk, "message_id": 7}
    return ActionLink(**{**values, "made_at": clock.now(), **fields})


def path(user, incident, **fields):
    return action_links.path_of(link(user, incident, **fields))


def as_it_was(incident):
    """Whether nothing has happened since it was opened."""
    version = incident.version
    incident.refresh_from_db()
    return (incident.state, incident.version) == ("new", version) and not AuditEntry.objects.exists()


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_link_says_the_same_after_its_journey(grace, incident):
    made = link(grace, incident)
    url = action_links.path_of(made)
    read = action_links.read(url.removeprefix("/do/").rstrip("/"), address=None, now=clock.now())
    assert read == link(grace, incident, made_at=made.made_at.replace(microsecond=0))
    assert len(url) < 120


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, grace, incident, method):
    for _ in range(3):
        assert getattr(client, method)(path(grace, incident)).status_code == 200
    assert as_it_was(incident)


def test_the_page_says_what_it_is_about_and_has_one_button(client, grace, incident):
    page = client.get(path(grace, incident))
    said = text(page)
    assert page.context["sight"].standing == "Nobody has acknowledged it yet."
    assert dict(page.context["sight"].facts)["Called"] == "you"
    assert (said.count("<button"), said.count("<form")) == (1, 1)
    for words in (incident.ref, "SEV2", incident.title, incident.service.name, "You are not Grace Wanjiku?"):
        assert words in said
    assert "mainstay_session" not in client.cookies


def test_it_leaves_no_trace_elsewhere(client, grace, incident):
    page = client.get(path(grace, incident))
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert "no-store" in page["Cache-Control"]
    assert '<meta name="referrer" content="no-referrer">' in page.content.decode()


def test_the_button_acknowledges_in_the_name_of_the_person(grace, incident):
    client = Client(enforce_csrf_checks=True)
    page = client.post(path(grace, incident), REMOTE_ADDR="192.0.2.7")
    incident.refresh_from_db()
    assert (page.status_code, incident.state, incident.owner) == (200, "acknowledged", grace)
    assert page.context["done"].did is True
    assert page.context["done"].said.startswith("You acknowledged it at ")
    assert f'href="/incidents/{incident.ref}/"' in text(page)
    line = Entry.objects.filter(incident=incident, kind="state").get()
    assert line.text.startswith("Grace Wanjiku acknowledged by link, ")
    assert (line.actor, line.data["via"]) == (grace, "link")
    audit = AuditEntry.objects.get(action="incident.acknowledge")
    assert (audit.actor_id, audit.address, audit.subject_id) == (grace.pk, "192.0.2.7", incident.ref)
    assert audit.detail == {"message": 7, "changed": True, "via": "link"}
    assert EscalationRun.objects.get().state == "stopped"
    assert client.cookies.keys() == set()


def test_pressed_twice_it_is_one_acknowledgement_and_says_so(client, grace, incident):
    url = path(grace, incident)
    client.post(url)
    incident.refresh_from_db()
    again = client.post(url)
    assert again.status_code == 200
    assert again.context["done"].did is False
    assert again.context["done"].said.startswith("You acknowledged it at ")
    assert Entry.objects.filter(incident=incident, kind="state").count() == 1
    version = incident.version
    incident.refresh_from_db()
    assert incident.version == version


def test_who_comes_second_is_told_who_was_first(client, grace, incident):
    ahmed = make.user(name="Ahmed Yusuf")
    lifecycle.acknowledge(incident, actor=person(ahmed), now=clock.now())
    page = client.get(path(grace, incident))
    assert "<button" not in text(page)
    done = client.post(path(grace, incident)).context["done"]
    assert (done.did, done.said.split(" at ")[0]) == (False, "Ahmed Yusuf acknowledged it")
    incident.refresh_from_db()
    assert incident.owner == ahmed


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("resolve", "Ahmed Yusuf resolved it"),
        ("cancel", "It is over: Ahmed Yusuf cancelled it"),
        ("close", "It is over: Ahmed Yusuf closed it"),
    ],
)
def test_what_is_over_is_said_to_be_over(client, grace, incident, verb, words):
    ahmed = person(make.user("lead", name="Ahmed Yusuf"))
    if verb == "close":
        lifecycle.resolve(incident, actor=ahmed, now=clock.now())
    extra = {"reason": "a test"} if verb == "cancel" else {}
    getattr(lifecycle, verb)(incident, actor=ahmed, now=clock.now(), **extra)
    done = client.post(path(grace, incident)).context["done"]
    assert (done.did, done.said.split(" at ")[0]) == (False, words)
    incident.refresh_from_db()
    assert incident.state == {"resolve": "resolved", "cancel": "cancelled", "close": "closed"}[verb]


def test_a_call_that_runs_again_can_be_stopped(client, grace, incident):
    ahmed = person(make.user(name="Ahmed Yusuf"))
    lifecycle.acknowledge(incident, actor=ahmed, now=clock.now())
    lifecycle.escalate(incident, actor=ahmed, now=clock.now())
    standing = client.get(path(grace, incident)).context["sight"].standing
    assert standing.endswith(". Since then people are being called again.")
    assert client.post(path(grace, incident)).context["done"].did is True
    assert set(EscalationRun.objects.values_list("state", flat=True)) <= {"stopped", "exhausted"}
    assert Entry.objects.latest("pk").text == "Grace Wanjiku acknowledged the call by link"


def test_put_on_hold_before_anybody_had_it_it_can_still_be_taken(client, grace, incident):
    lifecycle.hold(incident, actor=person(make.user()), now=clock.now(), party="client", reason="asked")
    page = client.get(path(grace, incident))
    assert page.context["sight"].standing == (
        "Nobody has acknowledged it yet. It is on hold and waits for Client."
    )
    assert client.post(path(grace, incident)).context["done"].did is True
    incident.refresh_from_db()
    assert (incident.state, incident.owner) == ("on_hold", grace)
    assert incident.clocks.get(kind="acknowledge").state == "met"


def test_after_a_day_it_does_nothing(client, grace, incident):
    url = path(grace, incident)
    clock.shift_by(23 * HOUR)
    assert client.get(url).status_code == 200
    clock.shift_by(HOUR)
    for method in (client.get, client.post):
        answer = method(url)
        assert (answer.status_code, answer.context["refusal"].code) == (410, "expired")
        assert f"/search/?q={incident.ref}" in text(answer)
    assert as_it_was(incident)


def test_how_long_it_works_is_a_setting(client, grace, incident, settings):
    url = path(grace, incident)
    settings.MAINSTAY_ACTION_LINK_HOURS = 1
    clock.shift_by(HOUR)
    assert client.get(url).status_code == 410


def test_a_changed_letter_makes_it_nobodys(client, grace, incident):
    url = path(grace, incident)
    stranger = make.user("lead")
    forged = [
        url.replace(f"~{grace.pk}~", f"~{stranger.pk}~"),
        url.replace(incident.ref, "INC-1"),
        url[:-2] + ("A" if url[-2] != "A" else "B") + "/",
        "/do/x/",
        "/do/incident.acknowledge~INC-1~1~1~1/",
    ]
    for wrong in forged:
        for method in (client.get, client.post):
            answer = method(wrong)
            assert (answer.status_code, answer.context["refusal"].code) == (404, "forged")
    assert as_it_was(incident)


def test_wrong_links_are_counted_by_address_and_a_right_one_still_works(client, grace, incident, settings):
    settings.MAINSTAY_SIGN_IN_TRIES = 1
    codes = [client.get("/do/x/", REMOTE_ADDR="192.0.2.9").status_code for _ in range(5)]
    assert codes == [404, 404, 404, 404, 429]
    assert client.get("/do/x/", REMOTE_ADDR="192.0.2.10").status_code == 404
    assert client.get(path(grace, incident), REMOTE_ADDR="192.0.2.9").status_code == 200
    assert set(SignInAttempt.objects.values_list("key", flat=True)) == {
        "link:address:192.0.2.9",
        "link:address:192.0.2.10",
    }


def test_another_signature_of_the_portal_is_no_link(client, grace, incident, settings):
    url = path(grace, incident)
    settings.SECRET_KEY = "another " * 8
    assert client.get(url).status_code == 404
    settings.SECRET_KEY_FALLBACKS = ["not it"]
    assert client.get(url).status_code == 404


def test_a_former_key_still_counts(client, grace, incident, settings):
    url = path(grace, incident)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another " * 8
    assert client.get(url).status_code == 200


def test_it_dies_with_the_account(client, grace, incident):
    url = path(grace, incident)
    grace.is_active = False
    grace.save(update_fields=["is_active"])
    for method in (client.get, client.post):
        answer = method(url)
        assert (answer.status_code, answer.context["refusal"].code) == (410, "closed")
    assert as_it_was(incident)


def test_whoever_may_not_acknowledge_any_more_is_told(client, grace, incident):
    url = path(grace, incident)
    grace.role = "stakeholder"
    grace.save(update_fields=["role"])
    for method in (client.get, client.post):
        assert method(url).status_code == 403
    assert as_it_was(incident)


@pytest.mark.parametrize("ref", ["INC-999999", "PRB-1", "nonsense"])
def test_what_is_not_there_is_not_found(client, grace, incident, ref):
    for method in (client.get, client.post):
        answer = method(path(grace, incident, ref=ref))
        assert (answer.status_code, answer.context["refusal"].code) == (404, "unseen")


def test_an_action_that_is_gone_does_nothing(client, grace, incident):
    assert client.post(path(grace, incident, action="incident.explode")).status_code == 410


def test_names_that_bend_a_link_are_refused(grace, incident):
    for ref in ("INC~7", "a/b", "", "x" * 61):
        with pytest.raises(ValueError, match="link"):
            path(grace, incident, ref=ref)


def test_other_methods_are_not_for_links(client, grace, incident):
    assert client.delete(path(grace, incident)).status_code == 405
    assert as_it_was(incident)


def test_forgetting_an_unknown_action_is_fine():
    unregister("nobody.knows")


@pytest.mark.django_db(transaction=True)
def test_two_people_at_the_same_moment_are_each_told_the_truth():
    people = [make.user(name=name) for name in ("Alice A", "Bob B")]
    incident = make.incident(now=clock.now())
    urls = [path(user, incident) for user in people]
    barrier = Barrier(2, timeout=30)

    def press(url):
        try:
            barrier.wait()
            # its words: the test client's contexts are one for all threads
            return text(Client().post(url))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, urls))
    incident.refresh_from_db()
    first, second = sorted(answers, key=lambda said: "You acknowledged it" not in said)
    assert "Nobody else is called." in first
    assert f"<b>{incident.owner.name} acknowledged it at " in second
    assert Entry.objects.filter(incident=incident, kind="state").count() == 1
