"""A person's further addresses: added, verified through themselves, used, switched off, removed."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from core.crypto import unseal
from core.errors import IllegalState, Invalid, NotAllowed
from core.types import person
from notifications.domain import contacts, delivery, personal, verifying
from notifications.domain.outbox import routes_for
from notifications.domain.routes import Route, usable
from notifications.models import ContactPoint, Message, PersonalRule
from notifications.queries import contacts as queries
from notifications.types import DeliveryError
from tests import make
from tests.make import NOW
from tests.notifications.contacts import point
from tests.notifications.messages import rule, tell

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
URL = "https://hooks.test/in/zebra"


def add(alice, kind="webhook", address=URL, **fields):
    return contacts.add(alice, kind, address, actor=person(alice), now=NOW, **fields)


def code_of(found, now=NOW):
    """Have a code sent, and read it as its receiver would."""
    message = verifying.send_code(found, actor=person(found.user), now=now)
    return unseal(message.data["code_sealed"])


def keys(alice, urgency="urgent"):
    rows = Message.objects.filter(recipient=alice, urgency=urgency).order_by("pk")
    return [row.route_key for row in rows]


@pytest.mark.django_db
class TestAdding:
    def test_the_address_is_sealed_and_only_a_hint_is_shown(self):
        found, secret = add(make.user(), name="  Team   chat ")
        assert (found.hint, found.name, found.state) == ("hooks.test", "Team chat", "unverified")
        assert "zebra" not in found.address_sealed
        assert (unseal(found.address_sealed), unseal(found.secret_sealed)) == (URL, secret)
        assert secret.startswith("whsec_")
        assert "zebra" not in str(AuditEntry.objects.get(action="contact_point.add").__dict__)

    @pytest.mark.parametrize(
        ("kind", "address", "hint"),
        [
            ("email", "Second@Mail.Test.Example", "se***@mail.test.example"),
            ("apprise", "tgram://123456789:abcdefg_hijklmnop/12315544/", "Telegram"),
        ],
    )
    def test_other_kinds_have_no_secret(self, kind, address, hint):
        found, secret = add(make.user(), kind, address)
        assert (found.hint.split(" · ")[0], secret, found.secret_sealed) == (hint, "", "")

    @pytest.mark.parametrize(
        ("kind", "address"),
        [("email", "nobody"), ("email", "a@b"), ("email", "a@x.test\r\nBcc: b@x.test"), ("email", ""),
         ("webhook", "ftp://hooks.test/"), ("webhook", "hooks.test"), ("webhook", "https://u:p@hooks.test/"),
         ("apprise", "file:///tmp/zebra"), ("apprise", "zebra"), ("pigeon", "loft"), ("in_app", "x")],
    )  # fmt: skip
    def test_what_can_not_be_used_is_refused_without_repeating_it(self, kind, address):
        with pytest.raises(Invalid) as caught:
            add(make.user(), kind, address)
        assert ContactPoint.objects.count() == 0
        assert "zebra" not in caught.value.message

    def test_the_same_address_stands_once_a_person(self):
        alice = make.user()
        add(alice)
        with pytest.raises(Invalid):
            add(alice, address="HTTPS://hooks.test/in/zebra")
        with pytest.raises(Invalid):
            add(alice, "email", alice.email)
        add(make.user())
        assert ContactPoint.objects.count() == 2

    def test_a_dozen_is_enough_and_a_service_account_has_none(self):
        alice = make.user()
        for n in range(contacts.MOST):
            add(alice, address=f"{URL}{n}")
        with pytest.raises(Invalid):
            add(alice, address=f"{URL}x")
        with pytest.raises(NotAllowed):
            add(make.user("service"))


@pytest.mark.django_db
class TestVerifying:
    def test_the_code_comes_through_the_point_and_verifies_it(self):
        found, _ = add(make.user())
        code = code_of(found)
        message = Message.objects.get(kind="contact.code")
        assert (message.route_key, message.contact, len(code)) == (f"webhook.{found.pk}", found, 6)
        assert code not in message.body + message.subject
        assert (
            verifying.verify(found, f" {code[:3]} {code[3:]}", actor=person(found.user), now=NOW).state
            == "verified"
        )
        actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
        assert actions == ["contact_point.add", "contact_point.code", "contact_point.verify"]

    def test_five_wrong_tries_and_the_code_is_void(self):
        found, _ = add(make.user())
        code = code_of(found)
        wrong = "000000" if code != "000000" else "000001"
        said = []
        for _ in range(5):
            with pytest.raises(Invalid) as caught:
                verifying.verify(found, wrong, actor=person(found.user), now=NOW)
            said.append(caught.value.message)
        assert (said[0], said[-1]) == (
            "That is not the code. 4 tries are left.",
            "That was not the code either. Send a new one.",
        )
        with pytest.raises(IllegalState):
            verifying.verify(found, code, actor=person(found.user), now=NOW)

    def test_after_a_quarter_of_an_hour_it_is_too_late(self):
        found, _ = add(make.user())
        code = code_of(found)
        with pytest.raises(IllegalState):
            verifying.verify(found, code, actor=person(found.user), now=NOW + 15 * MINUTE)

    def test_a_new_code_makes_the_old_one_worthless_and_calls_it_back(self):
        found, _ = add(make.user())
        old = code_of(found)
        with pytest.raises(IllegalState):
            code_of(found, NOW + 59 * SECOND)
        new = code_of(found, NOW + MINUTE)
        assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == [
            "cancelled",
            "pending",
        ]
        if old != new:
            with pytest.raises(Invalid):
                verifying.verify(found, old, actor=person(found.user), now=NOW + MINUTE)
        verifying.verify(found, new, actor=person(found.user), now=NOW + MINUTE)

    def test_ten_codes_an_hour_whatever_to(self):
        found, _ = add(make.user())
        for n in range(verifying.AN_HOUR):
            code_of(found, NOW + n * MINUTE)
        with pytest.raises(IllegalState):
            code_of(found, NOW + 30 * MINUTE)
        code_of(found, NOW + 61 * MINUTE)

    def test_a_test_goes_to_a_verified_one_only(self):
        alice = make.user()
        found, _ = add(alice)
        with pytest.raises(IllegalState):
            contacts.send_test(found, actor=person(alice), now=NOW)
        ok = point(alice, address=f"{URL}2")
        assert contacts.send_test(ok, actor=person(alice), now=NOW).contact == ok


def test_what_does_not_work_is_passed_over_and_an_urgent_call_still_wakes():
    inbox, email, hook = Route("in_app"), Route("email"), Route("webhook", 5, 12)
    assert hook.key == "webhook.12"
    assert usable((inbox, email, hook), {"webhook.12"}, "urgent") == (inbox, email)
    assert usable((inbox, hook), {"webhook.12"}, "urgent") == (inbox, email)
    assert usable((inbox, hook), {"webhook.12"}, "ordinary") == (inbox,)
    assert usable((inbox, hook), {"webhook.12", "email"}, "urgent") == (inbox,)
    assert usable((inbox,), {"webhook.12"}, "urgent") == (inbox,), "the inbox only, by their own wish"


@pytest.mark.django_db
class TestRules:
    def test_a_rule_points_at_a_verified_point_of_ones_own(self):
        alice, bob = make.user(), make.user()
        mine, theirs, raw = point(alice), point(bob), add(alice, address=f"{URL}9")[0]
        wanted = [Route("email"), Route("webhook", 5, mine.pk)]
        personal.set_all(alice, "urgent", wanted, actor=person(alice), now=NOW)
        assert [route.key for route in routes_for(alice, "urgent")] == [
            "in_app",
            "email",
            f"webhook.{mine.pk}",
        ]
        for wrong in (
            Route("webhook", 0, theirs.pk),
            Route("webhook", 0, raw.pk),
            Route("webhook"),
            Route("email", 0, mine.pk),
        ):
            with pytest.raises(Invalid):
                personal.set_all(alice, "urgent", [wrong], actor=person(alice), now=NOW)
        tell(alice)
        assert keys(alice) == ["in_app", "email", f"webhook.{mine.pk}"]

    @pytest.mark.parametrize("state", ["unverified", "disabled"])
    def test_a_point_that_is_not_verified_is_never_called(self, state):
        alice = make.user()
        rule(alice, "email", position=1)
        PersonalRule.objects.create(
            user=alice, channel="webhook", contact=point(alice, state=state), position=2
        )
        tell(alice)
        assert keys(alice) == ["in_app", "email"]

    def test_the_accounts_email_is_healthy_without_a_row_and_off_with_one(self):
        alice = make.user()
        tell(alice)
        point(alice, "email", address_sealed="", address_digest="", state="disabled")
        tell(alice, key="later")
        assert keys(alice) == ["in_app", "email", "in_app"]

    def test_removing_takes_rules_along_and_what_waits_finds_another_way(self):
        alice = make.user()
        hook = point(alice)
        PersonalRule.objects.create(user=alice, channel="webhook", contact=hook, delay_minutes=10)
        tell(alice)
        contacts.remove(hook, actor=person(alice), now=NOW)
        assert (PersonalRule.objects.count(), ContactPoint.objects.count()) == (0, 0)
        delivery.tick(NOW + 10 * MINUTE)
        failed = Message.objects.get(channel="webhook")
        assert (failed.state, failed.error) == ("failed", "The contact point was removed.")
        assert Message.objects.filter(channel="email", recipient=alice).count() == 1


@pytest.mark.django_db(transaction=True)
class TestSwitchingOff:
    GONE = DeliveryError("The receiver answered 410: it is gone.", permanent=True)

    @pytest.fixture
    def alice(self):
        alice = make.user()
        self.hook = point(alice)
        PersonalRule.objects.create(user=alice, channel="webhook", contact=self.hook, position=1)
        rule(alice, "email", 30, position=2)
        return alice

    def test_a_permanent_error_switches_it_off_tells_its_owner_another_way_and_the_next_takes_over(
        self, alice, webhook, email
    ):
        webhook.error = self.GONE
        tell(alice)
        delivery.tick(NOW)
        delivery.tick(NOW + SECOND)
        self.hook.refresh_from_db()
        assert (self.hook.state, self.hook.reason) == ("disabled", "The receiver answered 410: it is gone.")
        assert sorted(each.kind for each in email.sent) == ["contact.disabled", "incident.page"]
        notices = Message.objects.filter(kind="contact.disabled").order_by("pk")
        assert [(row.channel, row.state) for row in notices] == [("in_app", "sent"), ("email", "sent")]
        assert AuditEntry.objects.filter(action="contact_point.disable").count() == 1

    def test_several_failures_at_once_are_one_notice(self, alice, webhook, email):
        webhook.error = self.GONE
        for n in range(3):
            tell(alice, key=f"k{n}", about_ref=f"INC-{n}")
        tell(alice, key="news", kind="other", about_ref="INC-0")
        for n in range(4):
            delivery.tick(NOW + n * SECOND)
        assert Message.objects.filter(kind="contact.disabled", channel="in_app").count() == 1
        assert len(webhook.sent) == 1

    def test_when_everything_fails_it_ends(self, alice, webhook, email):
        webhook.error = email.error = self.GONE
        tell(alice)
        for n in range(20):
            delivery.tick(NOW + n * MINUTE)
        assert Message.objects.filter(next_at__isnull=False).count() == 0
        assert Message.objects.filter(kind="contact.disabled", channel="in_app").count() == 2
        assert set(ContactPoint.objects.values_list("state", flat=True)) == {"disabled"}

    def test_a_message_that_was_refused_switches_nothing_off(self, alice, webhook, email):
        webhook.error = DeliveryError("too long", permanent=True, disables=False)
        tell(alice)
        delivery.tick(NOW)
        self.hook.refresh_from_db()
        assert self.hook.state == "verified"

    def test_an_answer_that_leaves_doubts_switches_off_once_it_has_gone_on_for_hours(
        self, alice, webhook, email
    ):
        webhook.error = DeliveryError("403", permanent=True, doubts=True)
        states = []
        for hour in (0, 1, 5, 6):
            tell(alice, key=f"k{hour}", about_ref=f"INC-{hour}", now=NOW + hour * 60 * MINUTE)
            delivery.tick(NOW + hour * 60 * MINUTE)
            self.hook.refresh_from_db()
            states.append(self.hook.state)
        assert states == ["verified", "verified", "verified", "disabled"]

    def test_one_that_arrived_meanwhile_clears_the_doubts(self, alice, webhook, email):
        refusal = DeliveryError("403", permanent=True, doubts=True)
        for hour, error in ((0, refusal), (1, refusal), (2, None), (8, refusal), (9, refusal)):
            webhook.error = error
            tell(alice, key=f"k{hour}", about_ref=f"INC-{hour}", now=NOW + hour * 60 * MINUTE)
            delivery.tick(NOW + hour * 60 * MINUTE)
        self.hook.refresh_from_db()
        assert self.hook.state == "verified"

    def test_another_address_of_the_account_is_not_the_one_that_was_switched_off(self, email):
        bob = make.user(email="bob@test.mainstay")
        email.error = self.GONE
        tell(bob)
        delivery.tick(NOW)
        tell(bob, key="off")
        assert keys(bob).count("email") == 1
        email.error = None
        bob.email = "robert@test.mainstay"
        bob.save()

        tell(bob, key="new")
        delivery.tick(NOW + MINUTE)

        assert (keys(bob).count("email"), email.sent[-1].recipient_email) == (2, "robert@test.mainstay")
        assert queries.panels(bob, NOW) == []
        email.error = self.GONE
        tell(bob, key="newer", about_ref="INC-9")
        delivery.tick(NOW + 2 * MINUTE)
        assert [panel.point.state for panel in queries.panels(bob, NOW)] == ["disabled"]
        tell(bob, key="newest")
        assert keys(bob).count("email") == 3

    def test_a_temporary_error_switches_nothing_off_however_often(self, alice, webhook, email):
        webhook.error = DeliveryError("503")
        tell(alice)
        for n in range(8):
            delivery.tick(NOW + n * 20 * MINUTE)
        self.hook.refresh_from_db()
        assert (self.hook.state, len(webhook.sent)) == ("verified", 6)

    def test_verifying_again_brings_it_back(self, alice, webhook):
        ContactPoint.objects.update(state="disabled", reason="410")
        self.hook.refresh_from_db()
        code = code_of(self.hook)
        delivery.tick(NOW)
        assert code in webhook.sent[0].body
        found = verifying.verify(self.hook, code, actor=person(alice), now=NOW)
        assert (found.state, found.reason) == ("verified", "")

    def test_a_code_that_does_not_arrive_comes_by_no_other_way(self, webhook, email):
        bob = make.user()
        found, _ = add(bob)
        webhook.error = self.GONE
        code_of(found)
        delivery.tick(NOW)
        delivery.tick(NOW + SECOND)
        assert (email.sent, Message.objects.filter(recipient=bob).count()) == ([], 1)
        assert ContactPoint.objects.get(pk=found.pk).state == "unverified"
