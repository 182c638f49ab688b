"""Leave from one's own calendar, again and again."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core import clock
from core.errors import Invalid
from core.types import person
from rotas.domain import leaves
from rotas.domain.leave_import import import_leave
from rotas.models import Leave
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, HOUR, rota
from tests.rotas.test_ical_reading import calendar

pytestmark = pytest.mark.django_db
MIDNIGHT = NOW.replace(hour=0)


def days(uid: str, first: int, last: int, now=MIDNIGHT) -> str:
    """Whole days of leave, counted from the day of `now`."""
    start, end = (f"{now + each * DAY:%Y%m%d}" for each in (first, last))
    return f"UID:{uid}\nSUMMARY:Away {uid}\nDTSTART;VALUE=DATE:{start}\nDTEND;VALUE=DATE:{end}"


def take(user, *events: str, now=NOW, actor=None):
    return import_leave(user, calendar(*events), actor=person(actor or user), now=now)


def counts(done) -> tuple[int, int, int, int, int]:
    return len(done.made), len(done.moved), len(done.withdrawn), done.same, len(done.refused)


def rows(user) -> list[tuple[str, str, int, int]]:
    found = Leave.objects.filter(user=user).order_by("starts_at", "pk")
    return [
        (row.uid, row.state, (row.starts_at - MIDNIGHT) // DAY, (row.ends_at - MIDNIGHT) // DAY)
        for row in found
    ]


@pytest.fixture
def amina():
    return make.user(name="Amina", site=make.site(zone="UTC"))


@pytest.fixture
def lead():
    return make.user("lead", name="Grace")


def test_made_once_however_often_it_is_read(amina, lead):
    events = [days("a", 2, 5), days("b", 10, 12)]
    assert counts(take(amina, *events)) == (2, 0, 0, 0, 0)
    assert rows(amina) == [("a", "asked", 2, 5), ("b", "asked", 10, 12)]
    assert Leave.objects.get(uid="a").note == "Away a"
    assert lead.messages.filter(channel="in_app").count() == 2
    assert counts(take(amina, *events)) == (0, 0, 0, 2, 0)
    assert lead.messages.filter(channel="in_app").count() == 2


def test_moved_is_asked_for_again_and_what_is_gone_is_withdrawn(amina, lead):
    take(amina, days("a", 2, 5), days("b", 10, 12))
    leaves.decide_leave(Leave.objects.get(uid="a"), approve=True, actor=person(lead), now=NOW)
    done = take(amina, days("a", 3, 6), now=NOW + HOUR)
    assert counts(done) == (0, 1, 1, 0, 0)
    assert rows(amina) == [("a", "asked", 3, 6), ("b", "withdrawn", 10, 12)]
    # leads hear of it once more
    assert lead.messages.filter(channel="in_app", subject="Amina asks for leave").count() == 3


def test_what_a_lead_imports_is_approved(lead):
    take(lead, days("a", 2, 5))
    take(lead, days("a", 3, 5), now=NOW + HOUR)
    assert [row.state for row in Leave.objects.all()] == ["approved"]


def test_declined_stays_declined_until_it_moves(amina, lead):
    take(amina, days("a", 2, 5))
    leaves.decide_leave(Leave.objects.get(), approve=False, actor=person(lead), now=NOW)
    assert counts(take(amina, days("a", 2, 5))) == (0, 0, 0, 1, 0)
    assert Leave.objects.get().state == "declined"
    assert counts(take(amina, days("a", 20, 25))) == (0, 1, 0, 0, 0)
    assert Leave.objects.get().state == "asked"


def test_leave_entered_by_hand_stays_and_what_meets_it_is_refused(amina):
    by_hand = leaves.ask_leave(
        amina, starts_at=MIDNIGHT + 3 * DAY, ends_at=MIDNIGHT + 4 * DAY, actor=person(amina), now=NOW
    )
    done = take(amina, days("a", 2, 5), days("b", 10, 12), days("c", 20, 400 + 20))
    assert counts(done) == (1, 0, 0, 0, 2)
    assert {event.uid: words.split(":")[0] for event, words in done.refused} == {
        "a": "It meets other leave of Amina",
        "c": "At most a year.",
    }
    by_hand.refresh_from_db()
    assert by_hand.state == "asked"


def test_two_that_change_places_find_room(amina):
    take(amina, days("a", 2, 5), days("b", 5, 8))
    assert counts(take(amina, days("a", 5, 8), days("b", 8, 11))) == (0, 2, 0, 0, 0)
    assert rows(amina) == [("a", "asked", 5, 8), ("b", "asked", 8, 11)]


def test_what_was_stays_and_what_runs_ends_now(amina, lead):
    take(lead, days("was", 1, 2), days("runs", 4, 8))
    later = MIDNIGHT + 5 * DAY
    done = import_leave(lead, calendar(days("x", 50, 51)), actor=person(lead), now=later)
    assert counts(done) == (1, 0, 1, 0, 0)
    assert rows(lead) == [("was", "approved", 1, 2), ("runs", "approved", 4, 5), ("x", "approved", 50, 51)]


def test_the_shifts_that_it_meets_are_told(amina):
    brian = make.user(name="Brian")
    made = rota(amina, brian)
    done = take(amina, days("a", 2, 5))
    assert [(each.rota, (each.start - MIDNIGHT) // DAY, each.leave.uid) for each in done.conflicts] == [
        (made, 2, "a"),
        (made, 4, "a"),
    ]


def test_one_person_s_calendar_never_touches_another_s(amina, lead):
    take(amina, days("a", 2, 5))
    take(lead, days("z", 2, 5))
    assert rows(amina) == [("a", "asked", 2, 5)]


def test_a_calendar_of_meetings_is_no_calendar_of_leave(amina):
    event = f"UID:m\nDTSTART:{NOW:%Y%m%d}T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    with pytest.raises(Invalid, match="holds your leave only"):
        take(amina, event)
    assert not Leave.objects.exists()


def test_uploaded_on_the_page_of_leave(client, amina):
    now = clock.now()
    client.force_login(amina)
    url = reverse("rotas:leave_import")
    file = SimpleUploadedFile("leave.ics", calendar(days("a", 2, 5, now=now)), content_type="text/calendar")
    answer = client.post(url, {"file": file}, follow=True)
    assert "1 new, 0 moved, 0 withdrawn, 0 as before." in answer.content.decode()
    assert Leave.objects.get().user == amina
    for content in (b"not a calendar", b"x"):
        wrong = client.post(url, {"file": SimpleUploadedFile("x.ics", content)})
        assert wrong.status_code == 400 and "This is no calendar." in wrong.content.decode()
    assert client.post(url, {}).status_code == 400
    assert Leave.objects.get().ends_at - Leave.objects.get().starts_at == timedelta(days=3)
