"""Private calendar addresses: who makes one, what it shows, and when it shows nothing any more."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import AuditEntry
from core import clock
from core.errors import IllegalState, NotAllowed
from core.types import person
from rotas.domain import covering, feeds
from rotas.models import Feed, Override
from rotas.queries.feed import duties_of
from tests import make
from tests.rotas.make import DAY, HOUR, layer, override, rota

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now()


def address(user, made=None, now=None) -> str:
    _feed, secret = feeds.begin_feed(user, made, actor=person(user), now=now or clock.now())
    return reverse("rotas:feed", kwargs={"secret": secret})


def events(response) -> list:
    return Calendar.from_ical(response.content).walk("VEVENT")


def written(*people, now, **fields):
    """A rota whose cover is written down: daily turns at midnight UTC since the day of `now`."""
    made = rota(**fields)
    layer(made, *people, anchor=now.replace(hour=0, minute=0, second=0, microsecond=0))
    covering.derive(made.pk, now)
    return made


def test_own_shifts_are_read_without_a_session(amina, brian, now):
    made = written(amina, brian, now=now, name="Platform")
    answer = Client().get(address(amina))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    read = events(answer)
    assert {str(event["SUMMARY"]) for event in read} == {"On call: Platform"}
    assert len(read) == 60
    assert all(event.end - event.start == DAY for event in read)
    assert str(read[0]["URL"]).endswith(f"/rotas/{made.slug}/") and str(read[0]["URL"]).startswith("http")
    assert "no-referrer" in answer["Referrer-Policy"] and "noindex" in answer["X-Robots-Tag"]


def test_a_rota_s_calendar_names_everybody_and_who_is_with_them(amina, brian, now):
    made = written(amina, now=now, name="Platform")
    override(made, now + DAY, now + 2 * DAY, user=brian)
    covering.touch([made.pk], now, now)
    covering.derive(made.pk, now)
    said = {str(event["SUMMARY"]) for event in events(Client().get(address(amina, made)))}
    assert said == {"Amina on call: Platform", "Brian on call: Platform"}
    own = events(Client().get(address(brian)))
    assert [str(event["DESCRIPTION"]).split("\n")[-1] for event in own] == ["With Amina."] * len(own)
    assert own


def test_what_was_stays_sixty_days(amina, now):
    made = rota(amina)
    covering.derive(made.pk, now - 90 * DAY)
    covering.derive(made.pk, now)
    feed, _secret = feeds.begin_feed(amina, None, actor=person(amina), now=now)
    duties = duties_of(feed, now)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    assert today - 61 * DAY <= duties[0].start <= today - 60 * DAY
    assert duties[-1].end == today + 120 * DAY


def test_events_keep_their_names_when_cover_is_worked_out_again(amina, brian, now):
    made = written(amina, brian, now=now)
    url, browser = address(amina), Client()
    first = browser.get(url)
    covering.derive(made.pk, now + timedelta(minutes=20))
    again = browser.get(url)
    assert again.content == first.content and again["ETag"] == first["ETag"]
    Override.objects.create(
        rota=made, user=brian, replaces=amina, starts_at=now + 3 * HOUR, ends_at=now + 9 * DAY
    )
    covering.touch([made.pk], now, now)
    covering.derive(made.pk, now + timedelta(minutes=21))
    changed = browser.get(url)
    assert changed["ETag"] != first["ETag"]
    kept = {str(event["UID"]) for event in events(first)} & {str(event["UID"]) for event in events(changed)}
    assert len(kept) >= 50


def test_a_reader_that_has_it_gets_it_no_second_time(amina, now):
    written(amina, now=now)
    url, browser = address(amina), Client()
    first = browser.get(url)
    again = browser.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert browser.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    # that nothing which is left has changed doesn't say that nothing was taken away
    assert browser.get(url, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200
    assert browser.head(url).status_code == 200


def test_a_revoked_address_leads_nowhere(amina, now):
    written(amina, now=now)
    url = address(amina)
    assert Client().get(url).status_code == 200
    feed = Feed.objects.get()
    assert feeds.revoke_feed(feed, actor=person(amina), now=now) is True
    assert feeds.revoke_feed(feed, actor=person(amina), now=now) is False
    assert Client().get(url).status_code == 404
    assert list(
        AuditEntry.objects.filter(subject_kind="feed").order_by("pk").values_list("action", flat=True)
    ) == [
        "feed.begun",
        "feed.revoked",
    ]


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "stakeholder"}])
def test_who_has_left_has_no_calendar(amina, now, change):
    made = written(amina, now=now)
    urls = [address(amina), address(amina, made)]
    assert [Client().get(url).status_code for url in urls] == [200, 200]
    type(amina).objects.filter(pk=amina.pk).update(**change)
    answers = [Client().get(url) for url in urls]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not any(b"Amina" in answer.content for answer in answers)


def test_nobody_s_secret_shows_another_s_shifts(amina, brian, now):
    written(amina, now=now, name="Amina's alone")
    written(brian, now=now, name="Brian's alone")
    text = Client().get(address(brian)).content
    assert b"Brian's alone" in text and b"Amina's alone" not in text
    # nor does being signed in as somebody else add anything
    browser = Client()
    browser.force_login(amina)
    url = address(make.user(name="Chiku"))
    assert b"Amina's alone" not in browser.get(url).content


def test_guesses_are_counted_and_stopped_but_a_right_one_never(amina, now, settings):
    settings.MAINSTAY_SIGN_IN_TRIES = 1
    written(amina, now=now)
    url, browser = address(amina), Client()
    codes = [browser.get(f"/rotas/feeds/guess-{n}.ics").status_code for n in range(6)]
    assert codes == [404, 404, 404, 404, 429, 429]
    assert browser.get(url).status_code == 200


def test_that_it_was_read_is_written_once_a_minute(amina, now):
    feed, secret = feeds.begin_feed(amina, None, actor=person(amina), now=now)
    found = feeds.open_feed(secret, address=None, now=now)
    feeds.note_read(found, now)
    for later, seen in ((30, now), (59, now), (60, now + timedelta(seconds=60))):
        found.refresh_from_db()
        feeds.note_read(found, now + timedelta(seconds=later))
        found.refresh_from_db()
        assert found.last_read_at == seen
    assert secret not in Feed.objects.get(pk=feed.pk).digest


def test_one_address_at_a_time_and_none_for_outsiders(amina, now):
    made = rota(amina)
    feeds.begin_feed(amina, None, actor=person(amina), now=now)
    feeds.begin_feed(amina, made, actor=person(amina), now=now)
    for which in (None, made):
        with pytest.raises(IllegalState, match="already"):
            feeds.begin_feed(amina, which, actor=person(amina), now=now)
    outsider = make.user("stakeholder")
    with pytest.raises(NotAllowed):
        feeds.begin_feed(outsider, None, actor=person(outsider), now=now)


def test_made_shown_once_and_revoked_in_the_portal(client, amina, now):
    made = written(amina, now=now)
    client.force_login(amina)
    for data, page in (
        ({}, reverse("rotas:my_shifts")),
        ({"rota": made.slug}, reverse("rotas:detail", kwargs={"slug": made.slug})),
    ):
        assert "Make a calendar address" in client.get(page).content.decode()
        answer = client.post(reverse("rotas:feed_begin"), data)
        assert answer["Cache-Control"] == "no-store"
        path = re.search(r"/rotas/feeds/[\w-]{43}\.ics", answer.content.decode()).group()
        assert Client().get(path).status_code == 200
        html = client.get(page).content.decode()
        assert "Revoke the address" in html and path not in html
        feed = Feed.objects.get(revoked_at=None)
        client.post(reverse("rotas:feed_revoke", kwargs={"pk": feed.pk}))
        assert Client().get(path).status_code == 404


def test_nobody_revokes_another_s_address(client, amina, brian, now):
    feed, _secret = feeds.begin_feed(amina, None, actor=person(amina), now=now)
    client.force_login(brian)
    assert client.post(reverse("rotas:feed_revoke", kwargs={"pk": feed.pk})).status_code == 404
    assert Feed.objects.get(pk=feed.pk).revoked_at is None


@pytest.mark.parametrize("people", [1, 3])
def test_reading_costs_the_same_however_much_there_is(people, now, django_assert_num_queries):
    owner = make.user()
    for _n in range(people):
        written(owner, *(make.user() for _n in range(people)), now=now)
    feed, _secret = feeds.begin_feed(owner, None, actor=person(owner), now=now)
    with django_assert_num_queries(2):
        assert duties_of(feed, now)
