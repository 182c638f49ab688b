"""The delivery engine on real rows, with channels that do as the test says."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction

from notifications.domain import claims, delivery
from notifications.domain.claims import claim
from notifications.domain.outbox import announce, cancel_about
from notifications.domain.settling import settle
from notifications.models import DeliveryAttempt, Message
from notifications.types import DeliveryError, Outcome
from tests import make
from tests.lives import end_ours
from tests.make import NOW
from tests.notifications.messages import PERMANENT, TEMPORARY, event, of, rule, tell
from tests.patience import DEADLINE, until
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def states(person):
    rows = Message.objects.filter(recipient=person).exclude(kind="contact.disabled")
    return dict(rows.values_list("channel", "state"))


def outcomes(message):
    rows = DeliveryAttempt.objects.filter(message_id=message.pk).order_by("pk")
    return list(rows.values_list("number", "outcome"))


def test_one_event_reaches_one_person_once_by_each_channel_and_nobody_else(email):
    alice, bob = make.user(), make.user()
    tell(alice)
    tell(alice)
    assert delivery.tick(NOW) == 2
    assert delivery.tick(NOW + MINUTE) == 0
    assert states(alice) == {"in_app": "sent", "email": "sent"}
    assert states(bob) == {}
    assert [(each.recipient_email, each.url) for each in email.sent] == [
        (alice.email, "https://ops.test/incidents/INC-1042/")
    ]


def test_a_message_waits_for_its_delay(email):
    alice = make.user()
    rule(alice, "email", 2)
    tell(alice)
    delivery.tick(NOW + 2 * MINUTE - SECOND)
    assert states(alice) == {"in_app": "sent", "email": "pending"}
    delivery.tick(NOW + 2 * MINUTE)
    assert states(alice) == {"in_app": "sent", "email": "sent"}


def test_acknowledging_within_the_delay_means_no_email(email):
    alice = make.user()
    rule(alice, "email", 2)
    tell(alice)
    delivery.tick(NOW)
    cancel_about("incident", "INC-1042", now=NOW + MINUTE, reason="Acknowledged")
    delivery.tick(NOW + 10 * MINUTE)
    assert states(alice) == {"in_app": "sent", "email": "cancelled"}
    assert email.sent == []


def test_urgent_leaves_before_ordinary_however_long_that_has_waited(email, monkeypatch):
    monkeypatch.setattr(delivery, "SENDERS", 1)
    alice, bob = make.user(), make.user()
    rule(alice, "email", urgency="ordinary")
    for n in range(3):
        tell(alice, key=f"news{n}", urgency="ordinary", about_ref=f"INC-{n}", now=NOW - 10 * MINUTE)
    tell(bob)
    delivery.tick(NOW)
    assert [(each.urgency, len(each.items)) for each in email.sent] == [("urgent", 0), ("ordinary", 3)]


def test_a_temporary_error_is_tried_again_by_the_back_off_with_the_same_key(email):
    alice = make.user()
    tell(alice)
    email.error = TEMPORARY
    delivery.tick(NOW)
    message = of(alice)
    assert (message.state, message.attempts, message.error) == ("pending", 1, "451 try again")
    assert 5 <= (message.next_at - NOW).total_seconds() < 7
    email.error = None
    delivery.tick(NOW + 7 * SECOND)
    assert states(alice)["email"] == "sent"
    assert len({each.dedup_key for each in email.sent}) == 1
    assert outcomes(message) == [(1, "temporary"), (2, "sent")]


def test_after_six_attempts_it_has_failed_and_the_inbox_says_so(email):
    alice = make.user()
    tell(alice)
    email.error = TEMPORARY
    now = NOW
    for _ in range(8):
        delivery.tick(now)
        now += timedelta(minutes=20)
    message = of(alice)
    assert (message.state, message.attempts, message.next_at) == ("failed", 6, None)
    assert len(email.sent) == 6
    assert of(alice, "in_app").data["failed"] == {"email": "Given up after 6 attempts. 451 try again"}


def test_too_many_requests_waits_as_long_as_asked_and_others_go_on(email):
    alice, bob = make.user(), make.user()
    tell(alice, bob)
    email.errors[alice.email] = DeliveryError("429", retry_after=120)
    delivery.tick(NOW)
    assert states(bob)["email"] == "sent"
    assert 120 <= (of(alice).next_at - NOW).total_seconds() < 122


def test_an_error_nobody_foresaw_is_a_temporary_one(email, caplog):
    alice = make.user()
    tell(alice)
    email.error = ZeroDivisionError("oh")
    delivery.tick(NOW)
    assert (of(alice).state, of(alice).error) == ("pending", "ZeroDivisionError: oh")


def test_a_sender_that_died_in_the_window_is_found_out_and_the_same_key_is_sent_again(email):
    alice = make.user()
    tell(alice)
    [mine], _ = claim(NOW, 10)  # and then nothing: the process was killed
    assert claim(NOW + 59 * SECOND, 10) == ([], 0)
    delivery.tick(NOW + 60 * SECOND)
    message = of(alice)
    assert (message.state, message.attempts) == ("sent", 2)
    assert [each.dedup_key for each in email.sent] == [mine.outgoing.dedup_key]
    assert outcomes(message) == [(1, "lost"), (2, "sent")]


def test_a_message_whose_senders_die_again_and_again_is_given_up(email):
    alice = make.user()
    tell(alice)
    for n in range(6):
        claim(NOW + n * MINUTE, 10)
    delivery.tick(NOW + 6 * MINUTE)
    assert email.sent == []
    assert states(alice)["email"] == "failed"


def test_what_a_process_that_ended_left_in_hand_is_sent_at_once(email):
    alice = make.user()
    tell(alice)
    claim(NOW, 10)
    assert claims.take_back(NOW + SECOND) == 0
    end_ours()
    delivery.tick(NOW + SECOND)
    assert states(alice) == {"in_app": "sent", "email": "sent"}
    assert outcomes(of(alice)) == [(1, "lost"), (2, "sent")]
    assert claims.take_back(NOW + SECOND) == 0


def test_the_result_of_a_lost_lease_never_writes_over_the_new_holders(email):
    alice = make.user()
    tell(alice)
    [old], _ = claim(NOW, 10)
    [new], _ = claim(NOW + MINUTE, 10)
    assert settle(old, Outcome("permanent", "too late"), NOW + MINUTE) is False
    assert settle(new, Outcome("sent"), NOW + MINUTE) is True
    assert settle(old, Outcome("temporary", "too late"), NOW + MINUTE) is False
    assert (of(alice).state, of(alice).error) == ("sent", "")


def test_what_is_called_back_while_it_is_being_sent_is_not_tried_again(email):
    alice = make.user()
    tell(alice)
    [mine], _ = claim(NOW, 10)
    assert cancel_about("incident", "INC-1042", kinds=("incident.page",), now=NOW, reason="Resolved") == 1
    settle(mine, Outcome("temporary", "451"), NOW)
    assert (of(alice).state, of(alice).error) == ("cancelled", "Resolved")


def test_what_a_dead_sender_left_is_not_sent_once_called_back(email):
    alice = make.user()
    tell(alice)
    claim(NOW, 10)
    cancel_about("incident", "INC-1042", now=NOW, reason="Acknowledged")
    delivery.tick(NOW + 2 * MINUTE)
    assert states(alice) == {"in_app": "cancelled", "email": "cancelled"}
    assert email.sent == []


def test_somebody_deactivated_meanwhile_hears_nothing(email):
    alice = make.user()
    tell(alice)
    alice.is_active = False
    alice.save()
    delivery.tick(NOW)
    assert states(alice) == {"in_app": "cancelled", "email": "cancelled"}
    assert email.sent == []


def test_a_call_for_somebody_who_left_the_support_organisation_meanwhile_is_dropped(email):
    amina = make.user(name="Amina")
    rule(amina, "email", minutes=5)
    tell(amina, data={"severity": "SEV1", "action": "incident.acknowledge"})
    amina.role = "stakeholder"
    amina.save()

    delivery.tick(NOW + 5 * MINUTE)

    assert (of(amina).state, of(amina).error) == (
        "cancelled",
        "Its person may not do any more what it asks for.",
    )
    assert email.sent == []


def test_a_permanent_failure_brings_the_next_channel_forward_and_says_why(email, pager):
    alice = make.user()
    rule(alice, "email", 0, position=1)
    rule(alice, "pager", 30, position=2)
    tell(alice)
    email.error = PERMANENT
    delivery.tick(NOW)
    delivery.tick(NOW + SECOND)
    assert states(alice) == {"in_app": "sent", "email": "failed", "pager": "sent"}
    [page] = [each for each in pager.sent if each.kind == "incident.page"]
    assert page.body.splitlines()[0] == (
        "E-mail to you failed (550 no such mailbox), so this comes another way."
    )
    assert of(alice, "in_app").data["failed"] == {"email": "550 no such mailbox"}


def test_a_permanent_failure_writes_the_next_channel_where_the_rule_is_newer(email, pager):
    alice = make.user()
    rule(alice, "email", 0, position=1)
    tell(alice)
    rule(alice, "pager", 30, position=2)
    email.error = PERMANENT
    delivery.tick(NOW)
    delivery.tick(NOW + SECOND)
    assert states(alice) == {"in_app": "sent", "email": "failed", "pager": "sent"}


def test_a_failure_after_acknowledging_calls_nobody_by_another_channel(email, pager):
    alice = make.user()
    rule(alice, "email", 0, position=1)
    rule(alice, "pager", 30, position=2)
    tell(alice)
    [mine], _ = claim(NOW, 10)
    cancel_about("incident", "INC-1042", now=NOW, reason="Acknowledged")
    settle(mine, Outcome("permanent", "550"), NOW)
    delivery.tick(NOW + timedelta(hours=1))
    assert states(alice) == {"in_app": "cancelled", "email": "cancelled", "pager": "cancelled"}
    assert pager.sent == []


def test_a_channel_that_is_gone_fails_and_the_next_takes_over(email):
    alice = make.user()
    rule(alice, "telex", 0, position=1)
    rule(alice, "email", 60, position=2)
    tell(alice)
    delivery.tick(NOW)
    delivery.tick(NOW + SECOND)
    assert states(alice) == {"in_app": "sent", "telex": "failed", "email": "sent"}


@pytest.fixture
def long_ticks(monkeypatch):
    """However long this machine takes, no tick gives up meanwhile."""
    monkeypatch.setattr(delivery, "TAKING", 600.0)
    monkeypatch.setattr(delivery, "ENOUGH", 600.0)


def test_an_email_that_hangs_holds_up_no_inbox_message(email, long_ticks):
    alice, bob = make.user(), make.user()
    tell(alice)
    email.gate = threading.Event()
    ticking = threading.Thread(target=lambda: (delivery.tick(NOW), connections.close_all()))
    ticking.start()
    try:
        assert email.entered.wait(DEADLINE)
        tell(bob, key="later", urgency="ordinary")
        # the very tick that hangs delivers it, without another worker's help
        until(lambda: states(bob) == {"in_app": "sent"}, "it is delivered", step=0.05)
        assert states(alice)["email"] == "sending"
    finally:
        email.gate.set()
        ticking.join()
    assert states(alice)["email"] == "sent"


def test_one_address_that_hangs_leaves_hands_free_for_the_others(email, long_ticks):
    people = [make.user() for _ in range(4)]
    hang = threading.Event()
    stuck, send = people[0].email, email.send
    email.send = lambda out: (out.recipient_email == stuck and hang.wait(DEADLINE), send(out))[1]
    tell(*people)
    ticking = threading.Thread(target=lambda: (delivery.tick(NOW), connections.close_all()))
    ticking.start()
    try:
        sent = Message.objects.filter(channel="email", state="sent")
        until(lambda: sent.count() == 3, "the others have theirs", step=0.05)
        assert [states(person)["email"] for person in people] == ["sending", "sent", "sent", "sent"]
    finally:
        hang.set()
        ticking.join()


def test_a_tick_lets_go_of_what_never_ends(email, monkeypatch):
    monkeypatch.setattr(delivery, "ENOUGH", 0.3)
    alice = make.user()
    tell(alice)
    email.gate = threading.Event()
    try:
        assert delivery.tick(NOW) == 2
    finally:
        email.gate.set()
    assert (of(alice).state, of(alice).attempts) == ("pending", 1)


def test_five_workers_at_once_send_each_message_once(email):
    people = [make.user() for _ in range(12)]
    tell(*people)
    together(lambda _n: delivery.tick(NOW), 5)
    assert sorted(each.recipient_email for each in email.sent) == sorted(person.email for person in people)
    assert Message.objects.filter(state="sent").count() == 24


def test_a_batch_is_bounded(email):
    tell(*[make.user() for _ in range(5)])
    delivery.tick(NOW, limit=2)
    assert len(email.sent) == 2
    assert Message.objects.filter(channel="in_app", state="sent").count() == 5


def test_an_idle_tick_asks_three_times(email, django_assert_num_queries):
    with django_assert_num_queries(3):  # the inbox; who else is due something
        delivery.tick(NOW)


def test_many_rows_in_hung_hands_hold_up_nobody_elses(email):
    alice, bob = make.user(), make.user()
    for n in range(12):
        tell(alice, key=f"k{n}", about_ref=f"INC-{n}")
    tell(bob)
    held, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            list(Message.objects.select_for_update().filter(recipient=alice, channel="email"))
            held.set()
            release.wait(20)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(10)
        delivery.tick(NOW)
        assert [each.recipient_email for each in email.sent] == [bob.email]
    finally:
        release.set()
        thread.join()
    delivery.tick(NOW)
    assert [len(each.items) for each in email.sent] == [0, 12]


def test_warnings_of_two_promises_of_one_incident_are_two_stories(email):
    alice = make.user()
    rule(alice, "email", 0, position=1)
    for story in ("acknowledge", "resolve"):
        announce(event(f"clock:{story}", kind="clock.warn", data={"story": story}), [alice], now=NOW)
    delivery.tick(NOW)
    assert [row.state for row in Message.objects.filter(channel="email")] == ["sent", "sent"]


def test_the_newer_warning_of_a_promise_replaces_the_one_that_never_left(email):
    alice = make.user()
    rule(alice, "email", 0, position=1)
    for n, at in enumerate((NOW, NOW + SECOND)):
        announce(event(f"clock:{n}", kind="clock.warn", data={"story": "resolve"}), [alice], now=at)
    delivery.tick(NOW + SECOND)
    rows = Message.objects.filter(channel="email").order_by("pk")
    assert [row.state for row in rows] == ["cancelled", "sent"]


@pytest.mark.django_db(transaction=True)
def test_one_that_can_not_be_put_down_leaves_the_others_alone(email, monkeypatch):
    people = [make.user(name=f"P{n}") for n in range(4)]
    for person_ in people:
        tell(person_, key=f"k{person_.pk}")
    broken = of(people[0]).pk

    def settle_most(done, outcome, now, *, milliseconds=0):
        if done.message_id == broken:
            raise ZeroDivisionError
        return settle(done, outcome, now, milliseconds=milliseconds)

    monkeypatch.setattr(delivery, "settle", settle_most)

    with pytest.raises(ZeroDivisionError):
        delivery.tick(NOW)
    assert [of(person_).state for person_ in people] == ["sending", "sent", "sent", "sent"]
    assert len(email.sent) == 4


@pytest.mark.django_db(transaction=True)
def test_one_whose_row_is_in_other_hands_is_put_down_once_they_let_go(email, monkeypatch):
    amina, brian = make.user(name="Amina"), make.user(name="Brian")
    tell(amina, key="a")
    tell(brian, key="b")
    held, tries = of(amina).pk, []
    letting_go = threading.Event()

    def settle_seen(done, outcome, now, *, milliseconds=0):
        if done.message_id == held:
            tries.append(done)
            if len(tries) == 3:
                letting_go.set()
                until(lambda: not holder.is_alive(), "the row is free")
        return settle(done, outcome, now, milliseconds=milliseconds)

    def hold():
        with transaction.atomic():
            Message.objects.select_for_update(no_key=True).get(pk=of(amina, "in_app").pk)
            holding.set()
            letting_go.wait(DEADLINE)
        connections.close_all()

    monkeypatch.setattr(delivery, "settle", settle_seen)
    monkeypatch.setattr(delivery, "ENOUGH", DEADLINE)
    holding, holder = threading.Event(), threading.Thread(target=hold)
    holder.start()
    holding.wait(DEADLINE)

    delivery.tick(NOW)
    holder.join()

    assert (of(amina).state, of(brian).state, len(tries)) == ("sent", "sent", 3)
    assert len(email.sent) == 2


def test_a_message_that_can_not_be_put_together_is_given_up_alone(email, monkeypatch):
    amina, brian = make.user(name="Amina"), make.user(name="Brian")
    tell(amina, key="a")
    tell(brian, key="b")
    real = claims.outgoing_of

    def build(message, *, reveal=True):
        if message.recipient_id == amina.pk:
            raise KeyError("secret")
        return real(message, reveal=reveal)

    monkeypatch.setattr(claims, "outgoing_of", build)

    delivery.tick(NOW)

    assert (of(amina).state, of(amina).error) == ("failed", "It could not be put together (KeyError).")
    assert of(brian).state == "sent"


def test_a_row_that_can_not_be_taken_stops_no_other_contact(email):
    amina, brian = make.user(name="Amina"), make.user(name="Brian")
    tell(amina, key="a")
    tell(brian, key="b")
    Message.objects.filter(recipient=amina, channel="email").update(data=["not", "as", "ours"])

    with pytest.raises(AttributeError):
        delivery.tick(NOW)

    assert (of(amina).state, of(brian).state) == ("pending", "sent")
