"""Cases of business time: when a target is due, how much time has elapsed."""

from datetime import UTC, date, datetime
from typing import Any

from core.calendars import BusinessHours, add, add_business_days, elapsed
from core.intervals import Interval
from core.zones import DAY

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def check(row: dict[str, Any]) -> tuple[Any, Any]:
    """Expected and computed: a UTC instant for kind `due`, whole seconds for `elapsed`."""
    hours = business_hours(row)
    start = instant(row.get("start_utc") or row["start"])
    pauses = [Interval(instant(p["from"]), instant(p["to"])) for p in row.get("pauses") or ()]
    if row["kind"] == "elapsed":
        end = instant(row.get("end_utc") or row["end"])
        return row["expected_elapsed_seconds"], elapsed(hours, start, end, pauses)
    if row["kind"] != "due":
        raise ValueError(f"Unknown kind {row['kind']!r}.")
    due = row.get("exact_due_utc") or row.get("expected_due_utc") or row["expected_due"]
    mode = row.get("mode") or "business_time"
    if mode == "business_time":
        return instant(due), add(hours, start, row["target_seconds"], pauses)
    return instant(due), add_business_days(hours, start, row["target_days"], mode, pauses)


def instant(text: str) -> datetime:
    """An ISO 8601 instant as UTC. Raises `ValueError` when it names no offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} names no offset.")
    return at.astimezone(UTC)


def business_hours(row: dict[str, Any]) -> BusinessHours:
    """The calendar of a row; a frame that ends at or before its start runs into the next day."""
    week: list[list[tuple[int, int]]] = [[] for _ in _WEEKDAYS]
    for name, frames in row["weekly_hours"].items():
        day = _WEEKDAYS.index(name.lower()[:3])
        for opening, closing in ((_second(a), _second(b)) for a, b in frames):
            if closing > opening:
                week[day].append((opening, closing))
                continue
            if opening < DAY:
                week[day].append((opening, DAY))
            if closing > 0:
                week[(day + 1) % 7].append((0, closing))
    return BusinessHours(
        zone=row["timezone"],
        weekly=tuple(tuple(sorted(frames)) for frames in week),
        holidays=frozenset(date.fromisoformat(day) for day in row.get("holidays") or ()),
    )


def _second(wall: str) -> int:
    hour, minute, *second = (int(part) for part in wall.split(":"))
    return hour * 3600 + minute * 60 + sum(second)
