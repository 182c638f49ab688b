"""How people say how they are reached."""

import pytest

from accounts.models import AuditEntry
from notifications.domain import personal
from notifications.domain.outbox import routes_for
from notifications.domain.routes import Route, routes
from notifications.models import PersonalRule
from notifications.queries.personal import sentence
from tests import make
from tests.make import NOW
from tests.notifications.messages import of, rule, tell

INBOX, EMAIL, PAGER = Route("in_app"), Route("email", 2), Route("pager", 5)


def urgent(person):
    return [(route.channel, route.delay_minutes) for route in routes_for(person, "urgent")]


def test_the_inbox_is_always_there_and_first():
    assert routes([], "urgent") == (INBOX, Route("email"))
    assert routes([], "ordinary") == (INBOX,)
    assert routes([EMAIL, Route("in_app", 9)], "urgent") == (INBOX, EMAIL)


def test_moving_up_goes_as_far_as_below_the_inbox():
    order = (INBOX, EMAIL, PAGER)
    assert personal.move_up(order, "pager") == (INBOX, PAGER, EMAIL)
    assert personal.move_up(order, "email") == order
    assert personal.move_up(order, "in_app") == order
    assert personal.move_up(order, "telex") == order


def test_a_sentence_says_it():
    assert sentence("urgent", (INBOX, EMAIL)) == "When I'm called: inbox at once, e-mail after 2 min."
    assert sentence("ordinary", (INBOX,)) == "Other news: inbox at once."


@pytest.mark.django_db
class TestPanel:
    def post(self, client, **values):
        return client.post(
            "/messages/rules/", {"urgency": "urgent", **values}, headers={"HX-Request": "true"}
        )

    @pytest.fixture
    def alice(self, client):
        alice = make.user("stakeholder")
        client.force_login(alice)
        return alice

    def test_a_delay_can_be_set_and_counts_for_the_next_call(self, client, alice):
        answer = self.post(client, act="add", channel="email", minutes=2)
        assert "When I&#x27;m called: inbox at once, e-mail after 2 min." in answer.content.decode()
        tell(alice)
        assert (of(alice).next_at - NOW).total_seconds() == 120

    def test_a_channel_can_be_removed_and_added_again(self, client, alice):
        assert (
            "Nobody wakes from an inbox." in self.post(client, act="remove", channel="email").content.decode()
        )
        assert urgent(alice) == [("in_app", 0)], "an own empty list is not the defaults"
        self.post(client, act="add:email")
        assert urgent(alice) == [("in_app", 0), ("email", 0)]

    def test_the_inbox_cannot_be_removed(self, client, alice):
        self.post(client, act="remove", channel="in_app")
        assert urgent(alice) == [("in_app", 0), ("email", 0)]

    def test_channels_can_be_put_in_order(self, client, alice):
        rule(alice, "pager", 5, position=1)
        rule(alice, "email", 0, position=2)
        self.post(client, act="up", channel="email")
        assert urgent(alice) == [("in_app", 0), ("email", 0), ("pager", 5)]

    def test_back_to_the_usual(self, client, alice):
        self.post(client, act="add", channel="email", minutes=60)
        self.post(client, act="reset")
        assert urgent(alice) == [("in_app", 0), ("email", 0)]
        assert PersonalRule.objects.count() == 0
        actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
        assert list(actions) == ["account.notification_rules"] * 2

    def test_ordinary_news_has_a_list_of_its_own(self, client, alice):
        self.post(client, act="add:email", urgency="ordinary")
        assert [route.channel for route in routes_for(alice, "ordinary")] == ["in_app", "email"]
        assert PersonalRule.objects.filter(urgency="urgent").count() == 0

    @pytest.mark.parametrize(
        "values",
        [
            {"act": "burn"},
            {"act": "add", "channel": "telex"},
            {"act": "add", "channel": "email", "minutes": 121},
            {"act": "add", "channel": "email", "minutes": -1},
            {"act": "add"},
            {"act": "reset", "urgency": "never"},
        ],
    )
    def test_nonsense_changes_nothing_and_says_so(self, client, alice, values):
        assert self.post(client, **values).status_code == 400
        assert PersonalRule.objects.count() == 0

    def test_one_person_never_changes_anothers(self, client, alice):
        bob = make.user()
        rule(bob, "email", 30)
        self.post(client, act="remove", channel="email")
        assert urgent(bob) == [("in_app", 0), ("email", 30)]

    def test_as_a_page_of_its_own_it_works_without_scripts(self, client, alice):
        answer = client.post("/messages/rules/", {"urgency": "urgent", "act": "remove", "channel": "email"})
        assert (answer.status_code, answer.url) == (302, "/messages/rules/")
        assert "<html" in client.get("/messages/rules/").content.decode()

    def test_as_a_panel_it_is_only_itself(self, client, alice):
        panel = client.get("/messages/rules/", headers={"HX-Request": "true"}).content.decode()
        assert panel.lstrip().startswith('<div id="my-rules" hx-swap="outerHTML">')
