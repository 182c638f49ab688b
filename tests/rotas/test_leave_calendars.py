"""Leave from an address: read every hour from servers that do as they like. Servers are on loopback."""

import socket
import threading
from contextlib import contextmanager

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from core.crypto import unseal
from core.errors import IllegalState, Invalid
from core.types import person
from notifications.models import Message
from rotas.domain import leave_calendars
from rotas.domain.ical_reading import MOST_BYTES
from rotas.domain.leave_calendars import drop_calendar, keep_calendar, read_soon, tick
from rotas.models import Leave, LeaveCalendar
from rotas.sources import web_calendar
from rotas.sources.web_calendar import UnreadError
from tests import make
from tests.make import NOW
from tests.receiver import LOOPBACK, receiving
from tests.rotas.make import HOUR, MINUTE, rota
from tests.rotas.test_ical_reading import calendar
from tests.rotas.test_leave_import import days, rows
from tests.rotas.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina():
    return make.user(name="Amina", site=make.site(zone="UTC"))


@pytest.fixture
def server(settings):
    """Somebody's calendar server on loopback, which may be called here."""
    settings.MAINSTAY_OUTBOUND_ALLOW = LOOPBACK
    with receiving() as found:
        found.body = calendar(days("a", 2, 5))
        yield found


def keep(user, address, now=NOW) -> LeaveCalendar:
    return keep_calendar(user, address, actor=person(user), now=now)


def fetch(address, **named) -> bytes:
    return web_calendar.fetch(address, most=MOST_BYTES, **named)


def state_of(user) -> tuple[object, str]:
    row = LeaveCalendar.objects.get(user=user)
    return row.read_at, row.error


@contextmanager
def raw(answer):
    """A server that gives one caller to `answer(connection)`; the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            caller, _address = listening.accept()
            with caller:
                caller.recv(65536)
                answer(caller)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/me.ics"
        finally:
            thread.join(10)


# reading


def test_it_is_read_at_once_and_every_hour_and_the_same_events_make_the_same_leave(amina, server):
    made = keep(amina, f"{server.url}/secret/me.ics")
    assert made.hint == server.url.removeprefix("http://")
    assert [tick(NOW), tick(NOW), tick(NOW + 59 * MINUTE)] == [1, 0, 0]
    assert rows(amina) == [("a", "asked", 2, 5)]
    assert state_of(amina) == (NOW, "")
    letters = Message.objects.count()
    assert tick(NOW + HOUR) == 1
    assert rows(amina) == [("a", "asked", 2, 5)]
    assert (state_of(amina), Message.objects.count()) == ((NOW + HOUR, ""), letters)
    server.body = calendar(days("a", 3, 5), days("b", 8, 9))
    tick(NOW + 2 * HOUR)
    assert rows(amina) == [("a", "asked", 3, 5), ("b", "asked", 8, 9)]
    assert {got.path for got in server.got} == {"/secret/me.ics"}
    assert server.got[0].headers["accept"].startswith("text/calendar")


def test_what_fails_says_why_changes_nothing_and_is_tried_again(amina, server):
    keep(amina, server.url)
    tick(NOW)
    server.status = 500
    tick(NOW + HOUR)
    assert state_of(amina) == (NOW, "127.0.0.1 answered 500.")
    assert rows(amina) == [("a", "asked", 2, 5)]
    server.status = 200
    tick(NOW + 2 * HOUR)
    assert state_of(amina) == (NOW + 2 * HOUR, "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The file is empty."),
        (b"<html>Sign in</html>", "This is no calendar."),
        (b"\x00\xff\xfe" * 1000, "This is no calendar."),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "The calendar has no events. Nothing is changed"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:\xff\xff\r\n", "The calendar can't be read"),
    ],
)
def test_none_and_garbage_are_named_and_take_nothing_away(amina, server, body, words):
    keep(amina, server.url)
    tick(NOW)
    server.body = body
    tick(NOW + HOUR)
    read_at, error = state_of(amina)
    assert read_at == NOW and error.startswith(words)
    assert rows(amina) == [("a", "asked", 2, 5)]


def test_fifty_megabytes_are_not_waited_for(amina, settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = LOOPBACK
    whole, sent = 50 * 1024 * 1024, []

    def pour(caller) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/calendar\r\n\r\n")
        block = b"X" * 65536
        try:
            while len(sent) * len(block) < whole:
                caller.sendall(block)
                sent.append(1)
        except OSError:
            return

    with raw(pour) as address, pytest.raises(UnreadError, match="sends more than 5 MB"):
        fetch(address)
    # what lies in the buffers of two sockets comes on top
    assert MOST_BYTES < len(sent) * 65536 < whole / 2


def test_what_is_just_small_enough_is_read_whole(server):
    server.body = b"x" * MOST_BYTES
    assert len(fetch(server.url)) == MOST_BYTES
    server.body += b"x"
    with pytest.raises(UnreadError, match="more than 5 MB"):
        fetch(server.url)


def test_a_body_that_never_ends_is_left(settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = LOOPBACK
    left = threading.Event()

    def dawdle(caller) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nBEGIN:VCALENDAR\r\n")
        left.wait(10)

    with raw(dawdle) as address:
        with pytest.raises(UnreadError, match="did not answer in time"):
            fetch(address, seconds=0.3)
        left.set()


def test_a_redirect_is_followed_and_a_loop_is_not(server):
    server.by_path = {"/old.ics": 302}
    server.headers = {"Location": "/new.ics"}
    assert fetch(f"{server.url}/old.ics") == server.body
    assert [got.path for got in server.got] == ["/old.ics", "/new.ics"]
    server.got.clear()
    server.status, server.headers = 302, {"Location": f"{server.url}/round"}
    with pytest.raises(UnreadError, match="redirects too often"):
        fetch(f"{server.url}/round")
    assert len(server.got) == web_calendar.MOST_HOPS + 1


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://10.0.0.1/inside.ics", "10.0.0.1 leads to an address inside or reserved"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 leads to an address inside"),
        ("file:///etc/passwd", "Only http and https URLs can be called"),
        ("http://user:pw@127.0.0.1/", "A URL with a user name in it"),
        ("http://[::1/", "redirects to what is no URL"),
    ],
)
def test_a_redirect_leads_nowhere_inside(server, location, words):
    server.status, server.headers = 302, {"Location": location}
    with pytest.raises(UnreadError, match=words.replace("[", r"\[")):
        fetch(server.url)
    assert len(server.got) == 1


def test_a_redirect_never_leaves_https():
    with pytest.raises(UnreadError, match="from https to something else"):
        web_calendar.following("https://cal.example/a", "http://cal.example/a", "cal.example")
    assert web_calendar.following("https://cal.example/a/b", "../c", "h") == "https://cal.example/c"


def test_addresses_inside_are_not_called_unless_the_operator_allows_it(amina, server, settings):
    settings.MAINSTAY_OUTBOUND_ALLOW = []
    keep(amina, server.url)
    tick(NOW)
    assert state_of(amina) == (None, "127.0.0.1 leads to an address inside or reserved; it is not called.")
    assert server.got == []


def test_one_that_fails_holds_up_no_other_and_each_is_claimed_once(amina, server, monkeypatch):
    brian = make.user(name="Brian", site=make.site(zone="UTC"))
    keep(amina, f"{server.url}/broken", NOW - MINUTE)
    keep(brian, f"{server.url}/good")
    real = leave_calendars.import_leave

    def torn(user, *args, **named):
        if user == amina:
            raise RuntimeError("a bug")
        # while it is read it is not due for anybody else
        assert tick(NOW) == 0
        return real(user, *args, **named)

    monkeypatch.setattr(leave_calendars, "import_leave", torn)
    assert tick(NOW) == 2
    assert state_of(amina)[1].startswith("it could not be taken over")
    assert rows(brian) == [("a", "asked", 2, 5)]


def test_an_address_that_was_changed_or_removed_meanwhile_takes_nothing_over(amina, server, monkeypatch):
    keep(amina, f"{server.url}/old")
    real = leave_calendars.fetch

    def and_meanwhile(address, **named):
        found = real(address, **named)
        keep(amina, f"{server.url}/new")
        return found

    monkeypatch.setattr(leave_calendars, "fetch", and_meanwhile)
    tick(NOW)
    assert rows(amina) == [] and state_of(amina) == (None, "")
    monkeypatch.setattr(
        leave_calendars, "fetch", lambda *_, **__: drop_calendar(amina, actor=person(amina), now=NOW) or b"x"
    )
    tick(NOW)
    assert not LeaveCalendar.objects.exists() and rows(amina) == []


def test_who_can_not_be_on_call_any_more_is_not_asked_for(amina, server):
    keep(amina, server.url)
    amina.is_active = False
    amina.save()
    assert tick(NOW) == 1
    assert server.got == [] and rows(amina) == []


def test_a_few_at_a_time(amina, server):
    for n in range(6):
        keep(make.user(site=make.site(zone="UTC")), f"{server.url}/{n}")
    assert [tick(NOW), tick(NOW), tick(NOW)] == [4, 2, 0]


# the address


def test_the_address_is_sealed_and_on_no_record(amina):
    made = keep(amina, "webcal://cal.example/private-abc/me.ics")
    assert unseal(made.address_sealed) == "https://cal.example/private-abc/me.ics"
    assert "private-abc" not in made.address_sealed + made.hint + str(made)
    (entry,) = AuditEntry.objects.filter(action="leave.calendar_kept")
    assert "private-abc" not in str(entry.detail) + entry.subject_name


@pytest.mark.parametrize(
    "address",
    ["", "me.ics", "ftp://cal.example/a", "file:///etc/passwd", "https://", "https://u:p@cal.example/",
     "https://cal.example/" + "a" * 1000, "https://cal.example/\x00", "http://exa mple/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(amina, address):
    with pytest.raises(Invalid) as refusal:
        keep(amina, address)
    assert set(refusal.value.fields) == {"address"}
    assert not LeaveCalendar.objects.exists()


def test_removed_it_leaves_the_leave_that_came_from_it(amina, server):
    keep(amina, server.url)
    tick(NOW)
    drop_calendar(amina, actor=person(amina), now=NOW)
    assert tick(NOW + HOUR) == 0
    assert rows(amina) == [("a", "asked", 2, 5)]
    assert AuditEntry.objects.filter(action="leave.calendar_dropped").exists()
    for again in (
        lambda: drop_calendar(amina, actor=person(amina), now=NOW),
        lambda: read_soon(amina, now=NOW),
    ):
        with pytest.raises(IllegalState):
            again()


# the page


def test_the_page_from_kept_to_removed(client, amina, server):
    client.force_login(amina)
    url = reverse("rotas:leave")
    keep_url = reverse("rotas:leave_calendar", args=["keep"])
    assert "Read it every hour" in text(client.get(url))
    answer = client.post(keep_url, {"address": f"{server.url}/private-abc.ics"}, follow=True)
    said = text(answer)
    assert "It is read within a minute" in said and "not read yet" in said
    assert "private-abc" not in answer.content.decode()
    row = LeaveCalendar.objects.get()
    tick(row.next_at)
    assert "last read" in text(client.get(url))
    server.status = 404
    client.post(reverse("rotas:leave_calendar", args=["read"]))
    tick(LeaveCalendar.objects.get().next_at)
    said = text(client.get(url))
    assert "last read" in said and "failed: 127.0.0.1 answered 404." in said
    answer = client.post(reverse("rotas:leave_calendar", args=["drop"]), follow=True)
    assert "It is read no more." in text(answer)
    assert not LeaveCalendar.objects.exists()
    assert client.post(reverse("rotas:leave_calendar", args=["burn"])).status_code == 404


def test_what_is_wrong_stands_beside_the_field(client, amina):
    client.force_login(amina)
    page = client.post(reverse("rotas:leave_calendar", args=["keep"]), {"address": "ftp://cal.example"})
    assert page.status_code == 400
    assert page.context["address"].errors == {"address": ["Only http and https URLs can be called."]}
    assert page.context["upload"].errors == {}


def test_nobody_sees_the_calendar_of_somebody_else(client, amina):
    keep(amina, "https://cal.example/a")
    client.force_login(make.user("lead"))
    page = client.get(reverse("rotas:leave"))
    assert page.context["calendar"] is None and "cal.example" not in text(page)


def test_leave_that_meets_a_shift_is_said_where_it_stands(client, amina, server):
    made = rota(amina, name="Nights")
    keep(amina, server.url)
    tick(NOW)
    assert Leave.objects.get().user == amina and made.layers.exists()
    lead = make.user("lead")
    keep(lead, server.url)
    tick(NOW)
    # a lead's own is approved at once, as what they enter by hand is
    assert Leave.objects.get(user=lead).state == "approved"
