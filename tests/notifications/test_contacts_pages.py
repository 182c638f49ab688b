"""Contact points on one's own page and for programs; and what others see of them."""

import re

import pytest

from accounts.domain.tokens import issue
from core.crypto import unseal
from core.types import SYSTEM
from notifications.domain import contacts, verifying
from notifications.domain.outgoing import preview_of
from notifications.models import ContactPoint, Message, PersonalRule
from tests import make
from tests.make import NOW
from tests.notifications.contacts import SECRET, point
from tests.notifications.messages import tell

pytestmark = pytest.mark.django_db
URL = "https://hooks.test/in/zebra"
HERE = "/messages/contacts/"


@pytest.fixture
def alice(client):
    alice = make.user(name="Alice")
    client.force_login(alice)
    return alice


def post(client, **values):
    return client.post(HERE, values, headers={"HX-Request": "true"})


def the_code():
    return unseal(Message.objects.filter(kind="contact.code").latest("pk").data["code_sealed"])


class TestPanel:
    def test_while_there_is_none_it_says_what_they_are_for(self, client, alice):
        page = client.get(HERE).content.decode()
        assert "None yet: calls reach you in the inbox and at your account's e-mail." in page
        assert '<details class="disclose" open>' in page

    def test_added_verified_and_removed(self, client, alice):
        answer = post(client, act="add", kind="webhook", address=URL, name="Bridge").content.decode()
        found = ContactPoint.objects.get()
        secret = re.search(r'id="new-secret">(whsec_[^<]+)<', answer)
        assert secret is not None
        assert secret[1] == unseal(found.secret_sealed)
        assert "whsec_" not in client.get(HERE).content.decode(), "shown once"
        assert "zebra" not in answer
        wrong = post(client, act=f"verify:{found.pk}", code="x").content.decode()
        assert "That is not the code. 4 tries are left." in wrong
        assert (
            "Verified. Add it to your rules"
            in post(client, act=f"verify:{found.pk}", code=the_code()).content.decode()
        )
        rules = client.get("/messages/rules/", headers={"HX-Request": "true"}).content.decode()
        assert f'value="add:webhook.{found.pk}"' in rules
        assert "Add Webhook Bridge" in rules
        client.post("/messages/rules/", {"urgency": "urgent", "act": f"add:webhook.{found.pk}"})
        assert PersonalRule.objects.filter(contact=found).count() == 1
        assert "A test is on its way." in post(client, act=f"test:{found.pk}").content.decode()
        assert "Removed." in post(client, act=f"remove:{found.pk}").content.decode()
        assert (ContactPoint.objects.count(), PersonalRule.objects.filter(channel="webhook").count()) == (
            0,
            0,
        )

    def test_a_bad_address_is_said_at_its_field_and_nothing_is_kept(self, client, alice):
        answer = post(client, act="add", kind="webhook", address="ftp://hooks.test/")
        assert answer.status_code == 200, "the panel is swapped in"
        assert "Only http and https URLs can be called." in answer.content.decode()
        assert client.post(HERE, {"act": "add", "kind": "email", "address": ""}).status_code == 400
        assert ContactPoint.objects.count() == 0

    def test_without_scripts_it_works_too(self, client, alice):
        answer = client.post(HERE, {"act": "add", "kind": "email", "address": "second@mail.test"})
        assert (answer.status_code, answer.url) == (302, HERE)
        assert "se***@mail.test" in client.get(HERE).content.decode()

    def test_one_that_is_switched_off_says_why_and_how_it_comes_back(self, client, alice):
        point(
            alice,
            "email",
            address_sealed="",
            address_digest="",
            state="disabled",
            reason="550 no such mailbox",
        )
        page = client.get(HERE).content.decode()
        assert "550 no such mailbox" in page
        assert "Verify again" in page
        assert "does not work" in client.get("/messages/rules/").content.decode()

    @pytest.mark.parametrize("verb", ["code", "verify", "test", "remove"])
    def test_nobody_touches_anothers(self, client, alice, verb):
        theirs = point(make.user(), state="unverified")
        assert post(client, act=f"{verb}:{theirs.pk}", code="1").status_code == 404
        assert ContactPoint.objects.filter(pk=theirs.pk, state="unverified").exists()

    @pytest.mark.parametrize("act", ["", "burn:1", "code", "code:x", "verify:-1"])
    def test_nonsense_says_so(self, client, alice, act):
        assert client.post(HERE, {"act": act}).status_code == 400


class TestProgram:
    @pytest.fixture
    def key(self, alice):
        return {"Authorization": f"Token {issue(alice, 'test', ('write',), None, NOW, actor=SYSTEM)[1]}"}

    def test_added_verified_and_removed(self, client, alice, key):
        def call(path, **body):
            return client.post(
                f"/api/v1/contact-points/{path}", body, headers=key, content_type="application/json"
            )

        added = call("", kind="webhook", address=URL, name="Bridge")
        assert added.status_code == 201
        body = added.json()
        assert body["secret"].startswith("whsec_")
        listed = client.get("/api/v1/contact-points/", headers=key).json()["results"]
        assert listed == [{name: value for name, value in body.items() if name != "secret"}]
        assert (listed[0]["hint"], listed[0]["state"]) == ("hooks.test", "unverified")
        assert call(f"{body['id']}/code/").json()["error"]["code"] == "too_soon"
        assert call(f"{body['id']}/verify/", code="x").json()["error"]["code"] == "wrong_code"
        assert ContactPoint.objects.get().code_tries == 1
        assert call(f"{body['id']}/verify/", code=the_code()).json()["state"] == "verified"
        wanted = {"urgent": [{"channel": "webhook", "contact_point": body["id"], "delay_minutes": 1}]}
        rules = client.put(
            "/api/v1/messages/rules/", wanted, headers=key, content_type="application/json"
        ).json()
        assert rules["urgent"][1] == {"channel": "webhook", "contact_point": body["id"], "delay_minutes": 1}
        assert call(f"{body['id']}/test/").status_code == 200
        assert client.delete(f"/api/v1/contact-points/{body['id']}/", headers=key).status_code == 204

    def test_a_secret_is_shown_once_also_to_who_asks_again(self, client, alice, key):
        headers = {**key, "Idempotency-Key": "k1"}
        body = {"kind": "webhook", "address": URL, "name": "Bridge"}
        first, again = (
            client.post("/api/v1/contact-points/", body, headers=headers, content_type="application/json")
            for _ in range(2)
        )
        assert first.json()["secret"].startswith("whsec_")
        assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
        assert again.json() == {**first.json(), "secret": ""}

    def test_refusals_name_the_field(self, client, alice, key):
        answer = client.post(
            "/api/v1/contact-points/",
            {"kind": "email", "address": "nobody"},
            headers=key,
            content_type="application/json",
        )
        assert answer.json()["error"]["fields"] == {"address": "That is no e-mail address."}


class TestWhatOthersSee:
    @pytest.fixture
    def hook(self, alice):
        hook = point(alice, address=URL, hint="hooks.test")
        PersonalRule.objects.create(user=alice, channel="webhook", contact=hook)
        tell(alice)
        return hook

    def test_outbox_and_admin_name_the_contact_and_never_its_address(self, client, hook):
        lead = make.user("administrator")
        contacts.send_test(hook, actor=SYSTEM, now=NOW)
        client.force_login(lead)
        message = Message.objects.filter(contact=hook).first()
        pages = [
            client.get("/messages/outbox/"),
            client.get(f"/messages/outbox/{message.pk}/"),
            client.get(f"/api/v1/outbox/{message.pk}/"),
            client.get("/admin/notifications/contactpoint/"),
            client.get(f"/admin/notifications/contactpoint/{hook.pk}/change/"),
            client.get("/audit/"),
        ]
        assert [page.status_code for page in pages] == [200] * 6
        texts = [page.content.decode() for page in pages]
        assert [("zebra" in text, SECRET in text, hook.address_sealed in text) for text in texts] == [
            (False,) * 3
        ] * 6
        assert ["hooks.test" in text for text in texts[:5]] == [True] * 5

    def test_a_code_is_hidden_from_whoever_looks_at_the_outbox(self, client, alice):
        raw = point(alice, "email", "second@mail.test", state="unverified", hint="se***@mail.test")
        message = verifying.send_code(raw, actor=SYSTEM, now=NOW)
        client.force_login(make.user("lead"))
        page = client.get(f"/messages/outbox/{message.pk}/")
        assert "Your code is ••••••." in page.content.decode()
        assert the_code() not in page.content.decode()
        assert page.context["letter"].to.endswith("<se***@mail.test>")
        assert preview_of(message).address == "se***@mail.test"

    def test_a_bundle_and_why_something_waits_stand_in_words(self, client, hook):
        Message.objects.filter(contact=hook).update(bundle="bundle-1", error="Waits, so that …")
        other = Message.objects.filter(channel="in_app").first()
        Message.objects.filter(pk=other.pk).update(bundle="bundle-1")
        message = Message.objects.get(contact=hook)
        client.force_login(make.user("lead"))
        page = client.get(f"/messages/outbox/{message.pk}/").content.decode()
        assert "Left as one with" in page
        assert "Waits, so that …" in page
        assert client.get(f"/api/v1/outbox/{message.pk}/").json()["bundle"] == "bundle-1"
