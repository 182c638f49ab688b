"""Calendars of other programs, read: an iCalendar text becomes plain events in UTC. Pure.

Whatever is in the file, reading ends soon: its size, its events, and what its rules could repeat to are bounded before
anything is expanded. What can't be read is refused with one sentence that says what to do.
"""

import re
from calendar import monthrange
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Any, Final

import recurring_ical_events
from django.utils.translation import gettext as _
from icalendar import Calendar
from icalendar.timezone import tzp

from core.crypto import digest
from core.errors import Invalid
from core.zones import to_utc

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_EVENTS: Final = 5_000
# Of what is read at all: some twenty lines an event.
MOST_LINES: Final = 100_000
# What all rules of a calendar may step through, from each one's first day to the end of the window.
MOST_STEPS: Final = 60_000
LONGEST_UID: Final = 255
_DAYS: Final = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
_MARGIN: Final = timedelta(days=2)
# At a time: where there are too many, that is seen before all of them are made.
_STRIDE: Final = timedelta(days=30)
_EARLIEST: Final = 1900
_TIMES: Final = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
_ALONE: Final = Lock()
_LINE: Final = re.compile(
    rb"^(?:BEGIN|END|VERSION|PRODID|CALSCALE|X-WR-TIMEZONE|UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID"
    rb"|STATUS|SUMMARY|SEQUENCE|ATTENDEE|TZID|TZOFFSETFROM|TZOFFSETTO)[:;]",
    re.IGNORECASE,
)


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
    calendar = _parsed(text.removeprefix(BOM_UTF8))
    _check_zones(calendar)
    _check_rules(calendar, end)
    return _expanded(calendar, zone, start, end)


def _parsed(text: bytes) -> Calendar:
    if len(text) > MOST_BYTES:
        raise _invalid(_("The calendar is bigger than 5 MB. Export a shorter time."))
    if not text.strip():
        raise _invalid(_("The file is empty. Export the calendar again, as an .ics file."))
    upper = text.upper()
    if b"BEGIN:VCALENDAR" not in upper:
        raise _invalid(_("This is no calendar. Export it as an .ics file (iCalendar)."))
    events = upper.count(b"BEGIN:VEVENT")
    if not events:
        raise _invalid(_("The calendar has no events. Nothing is changed by an empty one."))
    if events > MOST_EVENTS:
        raise _too_many()
    lines = _lines(text)
    if len(lines) > MOST_LINES:
        raise _invalid(_("The calendar is too long. Export a shorter time."))
    try:
        text.decode("utf-8")
        with _ALONE:
            # the parser remembers zones by name, for ever: what one file calls "Office Time" is not another's
            tzp.use_default()
            return Calendar.from_ical(b"\r\n".join(lines))
    except Exception as error:  # whatever a parser makes of a hostile file, RecursionError among it
        raise _invalid(
            _("The calendar can't be read: it is torn or not in UTF-8. Export it again.")
        ) from error


def _lines(text: bytes) -> list[bytes]:
    """The lines that matter, unfolded: most of a calendar is attachments, descriptions and alarms."""
    unfolded = re.sub(rb"\r?\n[ \t]", b"", text)
    return [line for line in unfolded.splitlines() if _LINE.match(line)]


def _expanded(calendar: Calendar, zone: str, start: datetime, end: datetime) -> list[ReadEvent]:
    try:
        repeating = {str(event.get("UID", "")) for event in calendar.walk("VEVENT") if _repeats(event)}
        low, high = (at.astimezone(UTC) for at in (start - _MARGIN, end + _MARGIN))
        found: dict[str, ReadEvent] = {}
        query = recurring_ical_events.of(calendar)
        while low < high and len(found) <= MOST_EVENTS:
            for event in query.between(low, min(low + _STRIDE, high)):
                read = _read(event, zone, repeating)
                if read is not None and read.start < end and read.end > start:
                    found[read.uid] = read
            low += _STRIDE
    except Exception as error:  # dates out of reach, rules that contradict themselves: a parser's guests
        raise _invalid(
            _("An event of the calendar can't be read. Leave it out, and export again.")
        ) from error
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


def _check_zones(calendar: Calendar) -> None:
    """That the zones a calendar defines change by the year, as clocks do. Raises Invalid otherwise."""
    for part in (*calendar.walk("STANDARD"), *calendar.walk("DAYLIGHT")):
        for rule in _rules(part):
            frequency, interval, parts = _parts(rule)
            if frequency != "YEARLY" or not _comes(parts, frequency, interval):
                raise _invalid(_("A time zone of the calendar can't be read. Export it in UTC."))
        if _dates(part) > 500:
            raise _invalid(_("A time zone of the calendar can't be read. Export it in UTC."))


def _check_rules(calendar: Calendar, end: datetime) -> None:
    """That the rules can be walked through in bounded time: none repeats within a day, none searches for a day that never
    comes, all together are few steps."""
    steps = 0
    for event in calendar.walk("VEVENT"):
        # the parser leaves out what it can't read: leave would silently be shorter, or gone
        if any(name is None or name in _TIMES for name, _why in event.errors):
            raise _invalid(_("An event of the calendar can't be read. Leave it out, and export again."))
        steps += _dates(event)
        for rule in _rules(event):
            steps += _steps(event, rule, end)
        if steps > MOST_STEPS:
            raise _too_many()


def _rules(part: Mapping[str, Any]) -> list[Any]:
    rules = part.get("RRULE")
    if rules is None:
        return []
    return rules if isinstance(rules, list) else [rules]


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
    frequency, interval, parts = _parts(rule)
    try:
        first = event["DTSTART"].dt
        days = max((end.date() - date(first.year, first.month, first.day)).days, 1)
        fits = first.year >= _EARLIEST and frequency in _DAYS and _comes(parts, frequency, interval)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _invalid(_("An event of the calendar repeats by a rule that can't be read.")) from error
    if not fits:
        words = _(
            "An event repeats by a rule that isn't supported (%(rule)s). "
            "Use days, weeks, months or years, or export its dates one by one."
        )
        raise _invalid(words % {"rule": _said(rule)})
    several = max(len(parts.get("BYDAY", ())), len(parts.get("BYMONTHDAY", ())), 1)
    return (days // (_DAYS[frequency] * interval) + 1) * several


def _parts(rule: Any) -> tuple[str, int, dict[str, list[Any]]]:
    """A rule's frequency, interval and all its parts. Raises Invalid where it is none."""
    try:
        parts = {str(name).upper(): each if isinstance(each, list) else [each] for name, each in rule.items()}
        return str(parts["FREQ"][0]).upper(), int(parts.get("INTERVAL", [1])[0]), parts
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise _invalid(_("An event of the calendar repeats by a rule that can't be read.")) from error


def _comes(parts: Mapping[str, Sequence[Any]], frequency: str, interval: int) -> bool:
    """Whether a rule is sure to find a day now and then, so that looking for the next one ends."""
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}
    if not set(parts) <= known or not 1 <= interval <= 100:
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
    words = _("The calendar has more than %(most)s events. Export a shorter time.")
    return _invalid(words % {"most": f"{MOST_EVENTS:,}"})


def _invalid(words: str) -> Invalid:
    return Invalid(words, fields={"file": words})
