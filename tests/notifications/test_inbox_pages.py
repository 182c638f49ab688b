"""What people see of their own messages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.domain.inbox import deliver_rows
from notifications.models import Message
from tests import make
from tests.make import NOW
from tests.notifications.messages import of, tell

pytestmark = pytest.mark.django_db


def arrived(*people, **fields):
    tell(*people, **fields)
    deliver_rows(NOW, 100)


def subjects(response):
    return [message.subject for message in response.context["page"].items]


def test_everybody_sees_their_own_inbox_and_nobody_elses(client):
    alice, bob = make.user("stakeholder"), make.user("lead")
    arrived(alice, subject="For Alice")
    arrived(bob, key="b", subject="For Bob")
    client.force_login(alice)
    assert subjects(client.get("/messages/")) == ["For Alice"]
    client.force_login(bob)
    assert subjects(client.get("/messages/")) == ["For Bob"]


def test_what_is_not_delivered_yet_is_not_in_the_inbox(client):
    alice = make.user()
    tell(alice)
    client.force_login(alice)
    assert subjects(client.get("/messages/")) == []


def test_newest_first_and_unread_ones_alone_on_request(client):
    alice = make.user()
    for name in ("one", "two", "three"):
        arrived(alice, key=name, subject=name)
    client.force_login(alice)
    read = Message.objects.get(subject="two", channel="in_app")
    client.post(f"/messages/{read.pk}/read/")
    assert subjects(client.get("/messages/")) == ["three", "two", "one"]
    page = client.get("/messages/?view=unread")
    assert subjects(page) == ["three", "one"]
    assert page.context["unread"] == 2


def test_the_bell_counts_what_is_unread(client):
    alice = make.user()
    arrived(alice)
    client.force_login(alice)
    assert client.get("/messages/").context["shell"].bell.count == 1
    client.post("/messages/read-all/")
    assert client.get("/messages/").context["shell"].bell.count == 0


def test_opening_the_link_of_a_message_reads_it_and_leads_there(client):
    alice = make.user()
    arrived(alice)
    client.force_login(alice)
    answer = client.get(f"/messages/{of(alice, 'in_app').pk}/open/")
    assert (answer.status_code, answer.url) == (302, "/incidents/INC-1042/")
    first = of(alice, "in_app").read_at
    client.get(f"/messages/{of(alice, 'in_app').pk}/open/")
    assert of(alice, "in_app").read_at == first, "the first time counts"


@pytest.mark.parametrize(
    "url", ["https://eve.test/", "//eve.test/", "/\\eve.test", "javascript:alert(1)", ""]
)
def test_a_link_never_leads_out_of_the_portal(client, url):
    alice = make.user()
    arrived(alice, url=url)
    client.force_login(alice)
    assert client.get(f"/messages/{of(alice, 'in_app').pk}/open/").url == "/messages/"


@pytest.mark.parametrize(("verb", "method"), [("open", "get"), ("read", "post")])
def test_a_strangers_message_is_not_there(client, verb, method):
    alice, bob = make.user(), make.user("administrator")
    arrived(alice)
    client.force_login(bob)
    pk = of(alice, "in_app").pk
    assert getattr(client, method)(f"/messages/{pk}/{verb}/").status_code == 404
    assert of(alice, "in_app").read_at is None


def test_read_all_leaves_what_came_after_the_page_was_drawn(client):
    alice = make.user()
    arrived(alice, key="one")
    client.force_login(alice)
    newest = client.get("/messages/").context["newest"]
    arrived(alice, key="two", subject="Later")
    client.post("/messages/read-all/", {"newest": newest})
    assert subjects(client.get("/messages/?view=unread")) == ["Later"]


def test_the_inbox_says_which_channel_failed(client):
    alice = make.user()
    arrived(alice)
    Message.objects.filter(channel="in_app").update(data={"failed": {"email": "550 <no> such mailbox"}})
    client.force_login(alice)
    page = client.get("/messages/").content.decode()
    assert "E-mail to you failed: 550 &lt;no&gt; such mailbox" in page


def test_a_long_inbox_is_paged(client):
    alice = make.user()
    for n in range(60):
        tell(alice, key=f"m{n}", subject=f"m{n}", urgency="ordinary")
    deliver_rows(NOW, 100)
    client.force_login(alice)
    first = client.get("/messages/")
    second = client.get("/messages/" + first.context["page"].next_url)
    assert subjects(first) + subjects(second) == [f"m{n}" for n in reversed(range(60))]


def test_the_live_fragment_is_the_region_alone(client):
    alice = make.user()
    arrived(alice)
    client.force_login(alice)
    fragment = client.get("/messages/", headers={"X-Live": "1"}).content.decode()
    assert fragment.lstrip().startswith('<div id="inbox-rows" data-live>')
    assert "<html" not in fragment


@pytest.mark.parametrize("path", ["/messages/", "/messages/outbox/", "/messages/rules/"])
def test_without_signing_in_there_is_only_the_door(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/sign-in")


@pytest.mark.parametrize("path", ["/messages/", "/messages/outbox/"])
def test_a_list_asks_the_same_for_one_row_and_for_three(client, path, engines_known):
    lead = make.user("lead")
    client.force_login(lead)
    client.get(path)  # the pulse in the bar is asked for once in a while
    counts = []
    for people in ([lead], [lead, make.user(), make.user()]):
        for n, person in enumerate(people):
            arrived(person, lead, key=f"{person.pk}-{n}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
