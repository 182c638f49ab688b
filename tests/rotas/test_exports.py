"""Rotas of other tools, read without a database: what a tool means is what the layers say."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from core.errors import Invalid
from core.zones import to_utc
from rotas.domain import exports
from rotas.domain.coverage import coverage
from rotas.domain.exports.shape import windows_of
from rotas.domain.patterns import PlannedLayer, PlannedWindow
from rotas.types import Layer, Window

FILES = Path(__file__).parent / "exports"
AMINA, BRIAN, CHIKU = 1, 2, 3
PEOPLE = {"amina@test.mainstay": AMINA, "brian@test.mainstay": BRIAN, "chiku@test.mainstay": CHIKU}
HOUR, DAY, WEEK = 3600, 86_400, 604_800


def sample(name: str):
    (found,) = exports.read((FILES / f"{name}.json").read_bytes(), PEOPLE)
    return found


def data_of(name: str) -> dict:
    return json.loads((FILES / f"{name}.json").read_text())


def read(data, kind="auto"):
    return exports.read(json.dumps(data).encode(), PEOPLE, kind)


def engine(layers: tuple[PlannedLayer, ...]) -> list[Layer]:
    """As `patterns.as_types`, which asks the database who people are."""
    return [
        Layer(
            key=number, priority=each.priority, zone=each.zone, unit=each.unit, length=each.length, anchor=each.anchor,
            turns=each.counted, count_closed=each.count_closed, starts=each.starts_at, ends=each.ends_at,
            groups=tuple(group for turn in each.turns for group in ((turn, ()) if each.every_other else (turn,))),
            windows=tuple(Window(frozenset(window.weekdays), window.start, window.end) for window in each.windows),
        )
        for number, each in enumerate(layers)
    ]  # fmt: skip


def who(layers, zone: str, wall: str) -> tuple[int, ...]:
    at = to_utc(datetime.fromisoformat(wall), zone)
    return coverage(engine(layers), [], at, at + timedelta(seconds=1))[0].people


def test_opsgenie_rotations_are_layers():
    found = sample("opsgenie")
    days, nights = found.layers
    assert (found.name, found.zone) == ("Platform on call", "Europe/Madrid")
    assert (days.unit, days.length, days.turns) == ("daily", 1, ((AMINA,), (BRIAN,), (), ()))
    assert days.anchor == datetime(2026, 1, 5, 9)
    assert days.windows == (
        PlannedWindow((0, 1), time(9), time(18, 30)),
        # from Friday evening to Monday morning
        PlannedWindow((6,), time(18), time(9)),
        PlannedWindow((4, 5), time(18), time(18)),
    )
    assert (nights.unit, nights.length, nights.turns) == ("weekly", 2, ((CHIKU,), ()))
    assert nights.windows == (PlannedWindow(tuple(range(7)), time(22), time(6)),)
    assert found.missing == ("gone@test.mainstay",)
    assert found.overrides[0].people == (BRIAN,)
    assert [note.split(" ")[0] for note in found.notes] == ["Nights:", "Days"]


def test_opsgenie_turns_run_on_while_hours_are_closed():
    layers = sample("opsgenie").layers[:1]
    # Monday is the first turn's, Tuesday the second's, Friday (closed Wednesday and Thursday) the first's again
    assert who(layers, "Europe/Madrid", "2026-01-05T10:00") == (AMINA,)
    assert who(layers, "Europe/Madrid", "2026-01-06T10:00") == (BRIAN,)
    assert who(layers, "Europe/Madrid", "2026-01-07T10:00") == ()
    assert who(layers, "Europe/Madrid", "2026-01-09T19:00") == (AMINA,)


def test_pagerduty_layers_are_layers_and_the_first_wins():
    found = sample("pagerduty")
    weekend, daily = found.layers
    assert (weekend.priority, daily.priority) == (3, 2)
    assert (weekend.unit, weekend.length, weekend.turns) == ("weekly", 1, ((AMINA,), ()))
    assert (daily.unit, daily.length, daily.turns) == ("daily", 2, ((BRIAN,), (AMINA,)))
    assert daily.windows == (PlannedWindow(tuple(range(7)), time(8), time(20)),)
    assert found.missing == ("Zoe Gone",)
    assert found.notes == ("Odd: turns of 5400 seconds are no whole hours, so it is left out.",)
    assert found.overrides[0].start == datetime(2099, 1, 1, 13, tzinfo=UTC)
    # Saturday is the weekend's; the week after, whose turn nobody here has, the lower layer fills in
    assert who(found.layers, "America/Bogota", "2026-01-03T12:00") == (AMINA,)
    assert who(found.layers, "America/Bogota", "2026-01-10T12:00") == (BRIAN,)
    assert who(found.layers, "America/Bogota", "2026-01-08T12:00") == (AMINA,)
    assert who(found.layers, "America/Bogota", "2026-01-05T21:00") == ()


def test_oncall_shifts_are_layers_and_single_events():
    found = sample("oncall")
    weekdays, second, always = found.layers
    assert [each.priority for each in found.layers] == [2, 1, 0]
    assert (weekdays.zone, weekdays.anchor) == ("Asia/Kathmandu", datetime(2026, 1, 5, 9))
    assert weekdays.turns == ((BRIAN, CHIKU), (), (AMINA,))
    assert weekdays.windows == (PlannedWindow((0, 1, 2, 3, 4), time(9), time(19)),)
    assert (second.unit, second.every_other, second.turns) == ("daily", True, ((CHIKU,),))
    assert (always.unit, always.windows, always.ends_at) == ("weekly", (), datetime(2027, 1, 1, tzinfo=UTC))
    assert [(each.people, each.end - each.start) for each in found.overrides] == [
        ((AMINA,), timedelta(days=1))
    ]
    assert found.missing == ("U9",)
    assert [note.split(":")[0] for note in found.notes] == [
        "First of the month",
        "Every third week",
        "The shift O0 is not in the file.",
    ]
    zone = "Asia/Kathmandu"
    assert who(found.layers, zone, "2026-01-08T10:00") == (BRIAN, CHIKU)
    # the next week's turn is nobody's here: the layer below has it
    assert who(found.layers, zone, "2026-01-15T10:00") == (AMINA,)
    assert who(found.layers, zone, "2026-01-22T10:00") == (AMINA,)
    assert who((second,), "UTC", "2026-01-05T21:00") == (CHIKU,)
    assert who((second,), "UTC", "2026-01-06T21:00") == ()
    assert who((second,), "UTC", "2026-01-07T21:00") == (CHIKU,)


@pytest.mark.parametrize(
    ("spans", "windows"),
    [
        ([(9 * HOUR, 8 * HOUR)], [((0,), 9, 17)]),
        ([(22 * HOUR, 8 * HOUR)], [((0,), 22, 6)]),
        ([(6 * DAY + 22 * HOUR, 4 * HOUR)], [((6,), 22, 2)]),
        ([(DAY * day, DAY) for day in range(5)], [((0, 1, 2, 3, 4), 0, 0)]),
        ([(DAY * day, DAY) for day in range(7)], []),
        ([(3 * HOUR, WEEK)], []),
        ([(5 * DAY, 2 * DAY)], [((5, 6), 0, 0)]),
    ],
)
def test_hours_of_a_week(spans, windows):
    assert [(each.weekdays, each.start.hour, each.end.hour) for each in windows_of(spans)] == windows


def test_every_wrapping_is_read():
    data = data_of("opsgenie")
    schedule = data["schedules"][0]
    for wrapped in ({"data": [schedule]}, {"data": schedule}, [schedule], schedule, {"schedule": schedule}):
        assert read(wrapped, "opsgenie") == read(data)
    assert read({"schedule": data_of("pagerduty")["schedules"][0]})[0].name == "Primary on call"


def rotation(**fields):
    data = data_of("opsgenie")
    data["schedules"][0]["rotations"][0].update(fields)
    return data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rotation(type="yearly"), r"schedules\[0\].rotations\[0\].type must be"),
        (rotation(type=7), "type must be text"),
        (rotation(name="\ud800"), "name must be text"),
        (rotation(name="a\x00b"), "name must be text"),
        (rotation(length="1"), "length must be a whole number"),
        (rotation(length=10**12), "length must be a whole number"),
        (rotation(length=True), "length must be a whole number"),
        (rotation(startDate="yesterday"), "startDate must be a time"),
        (rotation(startDate=None), "startDate must be a time"),
        (rotation(startDate="0001-01-01T00:00:00+14:00"), "startDate must be a time"),
        (rotation(participants={"a": 1}), "participants must be a list"),
        (rotation(participants=["a"]), "participants must be a list"),
        (rotation(participants=[{}] * 6000), "more than 5,000"),
        (rotation(timeRestriction="always"), "timeRestriction must be an object"),
        (rotation(timeRestriction={"type": "time-of-day", "restriction": {"startHour": 25, "endHour": 1}}), "an hour from 0"),
        ({"schedules": [{"name": "x", "timezone": "Mars/Olympus", "rotations": []}]}, "IANA time zone"),
        ({"schedules": [{"name": 3, "timezone": "UTC", "rotations": []}]}, "name must be text"),
        ({"schedules": [{"name": " ", "timezone": "UTC", "rotations": []}]}, "has no name"),
        ({"schedules": []}, "no export that is known"),
        ({"on_call_shifts": [], "schedules": []}, "holds no schedules"),
        ({"on_call_shifts": [], "schedules": 7}, "schedules must be a list"),
        ([1, 2], "no export that is known"),
        (None, "no export that is known"),
        ("opsgenie", "no export that is known"),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_one_sentence_that_names_the_place(data, words):
    with pytest.raises(Invalid, match=words) as refused:
        read(data)
    assert "\n" not in refused.value.message and len(refused.value.message) < 300


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "no JSON"),
        (b"\xff\xff", "no JSON"),
        (b"{" * 10, "no JSON"),
        (b"9" * 10_000, "no JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b" " * (20 * 1024 * 1024 + 1), "bigger than 20 MB"),
    ],
)
def test_what_is_no_export_at_all(text, words):
    with pytest.raises(Invalid, match=words):
        exports.read(text, PEOPLE)
