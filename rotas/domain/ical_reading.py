"""Calendars of other programs, read: an iCalendar text becomes plain events in UTC. Pure.

Whatever is in the file, reading ends soon: its size, its events, and what its rules could repeat to are bounded before
anything is expanded. What can't be read is refused with one sentence that says what to do.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar

from core.crypto import digest
from core.errors import Invalid
from core.zones import to_utc

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_EVENTS: Final = 5_000
# What all rules of a calendar may step through, from each one's first day to the end of the window.
MOST_STEPS: Final = 100_000
LONGEST_UID: Final = 255
_DAYS: Final = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
_MARGIN: Final = timedelta(days=2)
_EARLIEST: Final = 1900


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """From `start` to `end` (UTC, half-open) something is. `uid` is one occurrence's own, of at most 255 letters, the same
    whenever it is read; `emails` are those of its attendees, in lower case."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    emails: tuple[str, ...] = ()


def read_events(text: bytes, *, zone: str, start: datetime, end: datetime) -> list[ReadEvent]:
    """The events that meet `[start, end)` (UTC), uncut, in order; cancelled ones and those that last no time are left out.

    All-day events are days of `zone`, and so are times that name no zone. Raises Invalid for what is too big, empty, no
    calendar, or more than 5,000 events once repeated ones are counted one by one.
    """
    calendar = _parsed(text)
    _check_rules(calendar, end)
    return _expanded(calendar, zone, start, end)


def _parsed(text: bytes) -> Calendar:
    if len(text) > MOST_BYTES:
        raise _invalid("The calendar is bigger than 5 MB. Export a shorter time.")
    if not text.strip():
        raise _invalid("The file is empty. Export the calendar again, as an .ics file.")
    upper = text.upper()
    if b"BEGIN:VCALENDAR" not in upper:
        raise _invalid("This is no calendar. Export it as an .ics file (iCalendar).")
    events = upper.count(b"BEGIN:VEVENT")
    if not events:
        raise _invalid("The calendar has no events. Nothing is changed by an empty one.")
    if events > MOST_EVENTS:
        raise _too_many()
    try:
        text.decode("utf-8")
        return Calendar.from_ical(text)
    except Exception as error:  # whatever a parser makes of a hostile file, RecursionError among it
        raise _invalid("The calendar can't be read: it is torn or not in UTF-8. Export it again.") from error


def _expanded(calendar: Calendar, zone: str, start: datetime, end: datetime) -> list[ReadEvent]:
    try:
        repeating = {str(event.get("UID", "")) for event in calendar.walk("VEVENT") if _repeats(event)}
        low, high = (at.astimezone(UTC) for at in (start - _MARGIN, end + _MARGIN))
        found: dict[str, ReadEvent] = {}
        for event in recurring_ical_events.of(calendar, keep_recurrence_attributes=False).between(low, high):
            read = _read(event, zone, repeating)
            if read is not None and read.start < end and read.end > start:
                found[read.uid] = read
    except Exception as error:  # dates out of reach, rules that contradict themselves: a parser's guests
        raise _invalid("An event of the calendar can't be read. Leave it out, and export again.") from error
    if len(found) > MOST_EVENTS:
        raise _too_many()
    return sorted(found.values(), key=lambda each: (each.start, each.end, each.uid))


def _repeats(event: Mapping[str, Any]) -> bool:
    return any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def _read(event: Any, zone: str, repeating: set[str]) -> ReadEvent | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or "DTSTART" not in event:
        return None
    start = _instant(event.start, zone)
    end = _instant(event.end, zone)
    if end <= start:
        return None
    name = str(event.get("UID", ""))
    if name in repeating:
        origin = event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else event.start
        name = f"{name}#{_instant(origin, zone):%Y%m%dT%H%M%SZ}"
    elif not name:
        name = f"{start:%Y%m%dT%H%M%SZ}-{end:%Y%m%dT%H%M%SZ}"
    summary = " ".join(str(event.get("SUMMARY", "")).replace("\x00", "").split())
    name = name.replace("\x00", "")
    return ReadEvent(
        uid=name if len(name) <= LONGEST_UID else digest(name),
        start=start,
        end=end,
        summary=summary[:200],
        emails=tuple(dict.fromkeys(_emails(event.get("ATTENDEE")))),
    )


def _instant(at: date, zone: str) -> datetime:
    """A day is its local midnight, a time without a zone one of the local clock."""
    if not isinstance(at, datetime):
        return to_utc(datetime.combine(at, time()), zone)
    if at.tzinfo is None:
        return to_utc(at.replace(microsecond=0, fold=0), zone)
    return at.astimezone(UTC).replace(microsecond=0)


def _emails(attendees: Any) -> Iterator[str]:
    if attendees is None:
        return
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        scheme, _colon, address = str(attendee).partition(":")
        if scheme.lower() == "mailto" and address.strip():
            yield address.strip().lower()


def _check_rules(calendar: Calendar, end: datetime) -> None:
    """That the rules can be walked through in bounded time: none repeats within a day, none searches for a day that never
    comes, all together are few steps."""
    steps = 0
    for event in calendar.walk("VEVENT"):
        steps += _dates(event)
        rules = event.get("RRULE")
        for rule in rules if isinstance(rules, list) else [rules] if rules else []:
            steps += _steps(event, rule, end)
        if steps > MOST_STEPS:
            raise _too_many()


def _dates(event: Mapping[str, Any]) -> int:
    count = 0
    for name in ("RDATE", "EXDATE"):
        lists = event.get(name) or []
        count += sum(
            len(getattr(each, "dts", ())) for each in (lists if isinstance(lists, list) else [lists])
        )
    return count


def _steps(event: Any, rule: Any, end: datetime) -> int:
    """About how many times a rule steps from its first day to the end. Raises Invalid for rules that nobody keeps leave by."""
    try:
        parts = {
            str(name).upper(): values if isinstance(values, list) else [values]
            for name, values in rule.items()
        }
        frequency = str(parts["FREQ"][0]).upper()
        interval = int(parts.get("INTERVAL", [1])[0])
        first = event["DTSTART"].dt
        year = int(first.year)
        days = max((end.date() - date(year, first.month, first.day)).days, 1)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise _invalid("An event of the calendar repeats by a rule that can't be read.") from error
    if (
        frequency not in _DAYS
        or not 1 <= interval <= 100
        or year < _EARLIEST
        or not _comes(parts, frequency, interval)
    ):
        raise _invalid(
            f"An event repeats by a rule that isn't supported ({_said(rule)}). "
            "Use days, weeks, months or years, or export its dates one by one."
        )
    # within a step a rule looks at each of its days
    each = 1 if frequency == "DAILY" else _DAYS[frequency]
    return (days // (_DAYS[frequency] * interval) + 1) * each


def _comes(parts: Mapping[str, Sequence[Any]], frequency: str, interval: int) -> bool:
    """Whether a rule is sure to find a day now and then, so that looking for the next one ends."""
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}
    if not set(parts) <= known:
        return False
    months = [int(month) for month in parts.get("BYMONTH", [])]
    days = [abs(int(day)) for day in parts.get("BYMONTHDAY", [])]
    if any(not 1 <= month <= 12 for month in months) or any(not 1 <= day <= 31 for day in days):
        return False
    if interval > 1 and (months or any(day > 28 for day in days)):
        return False
    if days and frequency in ("DAILY", "WEEKLY"):
        return False
    if days and months and min(days) > max(monthrange(2024, month)[1] for month in months):
        return False
    if any(abs(int(place)) not in range(1, 5) for place in parts.get("BYSETPOS", [])):
        return False
    most = 5 if frequency == "MONTHLY" or months else 53
    return all(abs(int(str(day)[:-2] or 1)) in range(1, most + 1) for day in parts.get("BYDAY", []))


def _said(rule: Any) -> str:
    return str(rule.to_ical().decode(errors="replace"))[:80]


def _too_many() -> Invalid:
    return _invalid(f"The calendar has more than {MOST_EVENTS:,} events. Export a shorter time.")


def _invalid(words: str) -> Invalid:
    return Invalid(words, fields={"file": words})
