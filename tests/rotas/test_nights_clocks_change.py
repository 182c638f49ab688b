"""Daily hand-overs at 01:30, 02:00 and 02:30 where clocks change: pages, API, calendar feed and the point query say the same.

What is expected is worked out here by walking the minutes of a wall clock (`zoneinfo`), not by the engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from icalendar import Calendar

from core.types import person
from rotas.domain import covering, feeds
from rotas.models import Rota
from rotas.queries.cover import who_was
from rotas.queries.oncall import on_call
from rotas.queries.week import Scale
from tests import make
from tests.rotas.make import DAY, MINUTE, layer, rota

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
# On which night clocks change, and the lengths of the shifts around it that are not 24 h, by hand-over at 01:30, 02:00 and 02:30.
NIGHTS = {
    ("America/Chicago", date(2026, 3, 8)): ("23 h", "23 h", "23.5 h, 23.5 h"),
    ("America/Chicago", date(2026, 11, 1)): ("25 h", "25 h", "25 h"),
    ("America/Chicago", date(2027, 3, 14)): ("23 h", "23 h", "23.5 h, 23.5 h"),
    ("America/Chicago", date(2027, 11, 7)): ("25 h", "25 h", "25 h"),
    ("Europe/London", date(2026, 3, 29)): ("23.5 h, 23.5 h", "23 h", "23 h"),
    ("Europe/London", date(2026, 10, 25)): ("25 h", "25 h", "25 h"),
    ("Europe/London", date(2027, 3, 28)): ("23.5 h, 23.5 h", "23 h", "23 h"),
    ("Europe/London", date(2027, 10, 31)): ("25 h", "25 h", "25 h"),
    ("Australia/Sydney", date(2026, 4, 5)): ("25 h", "25 h", "25 h"),
    ("Australia/Sydney", date(2026, 10, 4)): ("23 h", "23 h", "23.5 h, 23.5 h"),
    ("Australia/Sydney", date(2027, 4, 4)): ("25 h", "25 h", "25 h"),
    ("Australia/Sydney", date(2027, 10, 3)): ("23 h", "23 h", "23.5 h, 23.5 h"),
    ("Australia/Lord_Howe", date(2026, 4, 5)): ("24.5 h", "24.5 h", "24.5 h"),
    ("Australia/Lord_Howe", date(2026, 10, 4)): ("23.5 h", "23.5 h", "23.5 h"),
    ("Australia/Lord_Howe", date(2027, 4, 4)): ("24.5 h", "24.5 h", "24.5 h"),
    ("Australia/Lord_Howe", date(2027, 10, 3)): ("23.5 h", "23.5 h", "23.5 h"),
}
CASES = [
    pytest.param(zone, night, hour, odd[index], id=f"{zone}-{night}-{hour:%H%M}")
    for (zone, night), odd in NIGHTS.items()
    for index, hour in enumerate((time(1, 30), time(2, 0), time(2, 30)))
]


def first_instant(day: date, hour: time, zone: str) -> datetime:
    """The first instant at which the wall clock shows that time or a later one, minute by minute."""
    wanted = datetime.combine(day, hour)
    at = datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    while at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wanted:
        at += MINUTE
    return at


@dataclass(frozen=True)
class Nights:
    """A rota of two who take turns, over the week around a night on which clocks change."""

    rota: Rota
    zone: str
    now: datetime
    edges: list[datetime]
    names: list[str]

    @property
    def shifts(self) -> Iterator[tuple[datetime, datetime, str]]:
        return zip(self.edges, self.edges[1:], self.names, strict=False)

    @property
    def seconds(self) -> Iterator[tuple[datetime, str]]:
        """The second before each hand-over, the hand-over and the second after it, with who is on call."""
        for before, after, at in zip(self.names, self.names[1:], self.edges[1:-1], strict=False):
            yield from ((at - SECOND, before), (at, after), (at + SECOND, after))


def hours_of(start: datetime, end: datetime) -> str:
    return f"{(end - start).total_seconds() / 3600:g} h"


@pytest.fixture
def nights(request, monkeypatch, client, amina, brian) -> Nights:
    zone, night, hour = request.param
    days = [night + timedelta(days=n) for n in range(-3, 5)]
    edges = [first_instant(day, hour, zone) for day in days]
    made = rota(name="Nights", zone=zone)
    layer(made, amina, brian, zone=zone, anchor=edges[0])
    now = edges[0] + timedelta(hours=1)
    monkeypatch.setattr("core.clock.in_sql", lambda: f"timestamptz '{now.isoformat()}'")
    covering.derive(made.pk, now)
    client.force_login(make.user("lead"))
    return Nights(made, zone, now, edges, ["Amina", "Brian"] * 4)


around = pytest.mark.parametrize(
    "nights", [pytest.param(each.values[:3], id=each.id) for each in CASES], indirect=True
)


@around
def test_the_point_query_what_is_written_and_the_api_agree_on_every_second(nights, client):
    url = reverse("rota-oncall", args=[nights.rota.slug])
    for at, name in nights.seconds:
        answer = client.get(url, {"at": at.isoformat()}).json()
        assert [each["name"] for each in answer["people"]] == [name]
        assert [str(user) for user in on_call(nights.rota, at)] == [name]
        assert [str(user) for user in who_was(nights.rota, at).users] == [name]
        start, end, _name = next(each for each in nights.shifts if each[0] <= at < each[1])
        assert (read(answer["since"]), read(answer["until"])) == (start, end)


@around
def test_the_cover_and_the_feed_tile_the_week_with_one_person_each(nights, client):
    first, last = nights.edges[0], nights.edges[-1]
    asked = {"from": first.isoformat(), "to": last.isoformat()}
    cover = client.get(reverse("rota-cover", args=[nights.rota.slug]), asked).json()
    assert [
        (read(each["start"]), read(each["end"]), [person["name"] for person in each["people"]])
        for each in cover
    ] == [(start, end, [name]) for start, end, name in nights.shifts]
    reader = make.user()
    _feed, secret = feeds.begin_feed(reader, nights.rota, actor=person(reader), now=nights.now)
    text = client.get(reverse("rotas:feed", kwargs={"secret": secret})).content
    events = sorted(
        (event.start, event.end, str(event["SUMMARY"]).split()[0])
        for event in Calendar.from_ical(text).walk("VEVENT")
        if event.start < last
    )
    assert events == list(nights.shifts)


@pytest.mark.parametrize(
    ("nights", "odd"), [pytest.param(each.values[:3], each.values[3], id=each.id) for each in CASES],
    indirect=["nights"],
)  # fmt: skip
def test_the_calendar_and_the_week_say_true_hours(nights, odd, client):
    lengths = [hours_of(start, end) for start, end, _name in nights.shifts]
    assert ", ".join(length for length in lengths if length != "24 h") == odd
    day = (nights.edges[0] + DAY).astimezone(ZoneInfo(nights.zone)).date()
    asked = {"view": "quarter", "day": day.isoformat(), "zone": nights.zone}
    calendar = client.get(reverse("rotas:calendar"), asked).context["calendar"]
    bounds = (
        first_instant(each, time(), nights.zone)
        for each in (calendar.first, calendar.last + timedelta(days=1))
    )
    scale = Scale(*bounds, nights.zone)
    (row,) = calendar.rows
    drawn, said = {block.x: block.title for block in row.blocks}, 0
    for start, end, name in nights.shifts:
        begin, until = (each.astimezone(ZoneInfo(nights.zone)) for each in (start, end))
        head = f"{name}, {begin:%a} {begin.day} {begin:%H:%M}"
        if not scale.start <= start < end <= scale.end:
            continue  # another quarter's, or cut at its edge
        title = drawn[f"{scale.x(start):.3f}%"]
        assert title.startswith(head)
        changes = begin.utcoffset() != until.utcoffset()
        assert title.endswith(f", {hours_of(start, end)}") is changes
        said += changes
    assert said == 1
    asked = {"week": (day + timedelta(days=2)).isoformat(), "zone": nights.zone}
    week = client.get(reverse("rotas:detail", args=[nights.rota.slug]), asked)
    rows = {(row.start, row.end): row.hours for row in week.context["week"].rows}
    inside = [(start, end) for start, end, _name in nights.shifts if (start, end) in rows]
    assert len(inside) >= 3
    assert [rows[each] for each in inside] == [hours_of(*each) for each in inside]
    assert b">24 h</td>" in week.content


@pytest.mark.parametrize(
    ("zone", "at", "end", "words"),
    [
        ("America/Chicago", (2026, 3, 7, 8), 24, "Sat 7 02:00 CST to Sun 8 03:00 CDT, 24 h"),
        ("America/Chicago", (2026, 3, 8, 8), 23, "Sun 8 03:00 to Mon 9 02:00 CDT"),
        ("America/Chicago", (2026, 10, 31, 7), 25, "Sat 31 02:00 CDT to Sun 1 02:00 CST, 25 h"),
        ("Africa/Nairobi", (2026, 3, 4, 9), 4, "Wed 4 12:00 to 16:00 EAT"),
    ],
)
def test_words_name_the_zone_twice_where_clocks_change(zone, at, end, words):
    start = datetime(*at, tzinfo=UTC)
    scale = Scale(start - DAY, start + 2 * DAY, zone)
    assert scale.words(start, start + timedelta(hours=end)) == words


def read(text: str) -> datetime:
    return datetime.fromisoformat(text)
