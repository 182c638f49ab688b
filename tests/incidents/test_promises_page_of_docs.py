"""The worked examples of docs/promises.md come out as they say."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from core.hours import BusinessHours
from core.intervals import Interval
from core.zones import to_local, to_utc
from services.domain import promise
from services.queries.hours import public_holidays
from services.types import Target

PAGE = Path(__file__).resolve().parents[2] / "docs" / "promises.md"
WORKDAYS, SUNDAY_TO_FRIDAY = range(5), (6, 0, 1, 2, 3, 4)


def hours(zone, days, opens, closes, country=""):
    frames = ((opens * 3600, closes * 3600),)
    return BusinessHours(
        zone,
        tuple(frames if day in days else () for day in range(7)),
        frozenset(public_holidays(country, "", 2025, 2027)),
    )


CALENDARS = {
    "24×7": BusinessHours.always(),
    "Nairobi": hours("Africa/Nairobi", WORKDAYS, 9, 17, "KE"),
    "Bogotá": hours("America/Bogota", WORKDAYS, 8, 18, "CO"),
    "Kathmandu": hours("Asia/Kathmandu", SUNDAY_TO_FRIDAY, 10, 17),
}


def examples():
    table = PAGE.read_text().split("## Worked examples")[1].split("## Why then?")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|")
    ]
    return rows[2:]


def instant(text, zone):
    return to_utc(datetime.fromisoformat(text), zone)


def target(promised):
    """ "4 h", "30 min", "2 business days", "next business day 16:00"."""
    if promised.startswith("next business day"):
        hour = promised.removeprefix("next business day").strip()
        return Target("next_day", at=int(hour[:2]) * 3600 + int(hour[3:]) * 60 if hour else None)
    number, unit = re.fullmatch(r"(\d+) (min|h|business days?)", promised).groups()
    if unit.startswith("business"):
        return Target("business_days", days=int(number))
    return Target(minutes=int(number) * (1 if unit == "min" else 60))


@pytest.mark.parametrize("row", examples(), ids=lambda row: " ".join(row[:3]))
def test_an_example_is_due_when_the_page_says(row):
    name, begun, promised, stood_still, due = row
    calendar = CALENDARS[name]
    pauses = (
        [Interval(*(instant(each, calendar.zone) for each in stood_still.split(" – ")))]
        if stood_still
        else []
    )
    start = instant(begun, calendar.zone)
    terms = promise.Terms(
        calendar, start, promise.seconds_of(target(promised), calendar, start), 75, tuple(pauses)
    )
    assert f"{to_local(promise.plan(terms).due_at, calendar.zone):%Y-%m-%d %H:%M}" == due


def test_there_are_examples_of_every_calendar():
    assert {row[0] for row in examples()} == set(CALENDARS)
