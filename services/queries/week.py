"""A business calendar as people read it: this week as a strip, its pattern in words, when it changes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import calendars
from core.calendars import BusinessHours
from core.ui.words import zone_letters
from core.zones import to_local, to_utc
from services.choices import Weekday
from services.models import BusinessCalendar
from services.models.calendar import clock_face
from services.queries.agreement import hours_around
from services.queries.hours import public_holidays

_WEEK = 7 * 24 * 3600
_LOOK_AHEAD = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class OpenFrame:
    """An open stretch of the strip: `x` and `width` in percent of the week, `title` in words."""

    x: str
    width: str
    title: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the strip. `differs` says why it is not like its weekday (a holiday, an exception)."""

    x: str
    name: str
    is_today: bool
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """This week of a calendar, in its own zone.

    `changes_at` is when it closes (while open) or opens (while closed); None around the clock, or where it
    never opens again. `pattern` is an ordinary week as a sentence.
    """

    name: str
    zone: str
    letters: str
    always_open: bool
    pattern: str
    days: tuple[Day, ...]
    frames: tuple[OpenFrame, ...]
    now_x: str
    is_open: bool
    changes_at: datetime | None

    @property
    def differing(self) -> list[Day]:
        return [day for day in self.days if day.differs]


def week_of(calendar: BusinessCalendar, now: datetime) -> Week:
    """The week (Monday to Sunday, local) around `now`. No query where frames and exceptions are prefetched."""
    hours = hours_around(calendar, now)
    local = to_local(now, calendar.zone)
    monday = local.date() - timedelta(days=local.weekday())
    is_open = calendars.is_open(hours, now)
    return Week(
        name=calendar.name,
        zone=calendar.zone,
        letters=zone_letters(calendar.zone, now),
        always_open=calendar.always_open,
        pattern=pattern(hours),
        days=tuple(_days(calendar, monday, local.date())),
        frames=tuple(_frames(hours, calendar.zone, monday)),
        now_x=_percent((local - _midnight(monday)).total_seconds()),
        is_open=is_open,
        changes_at=None if calendar.always_open else _next_change(hours, now, is_open),
    )


def pattern(hours: BusinessHours) -> str:
    """An ordinary week in words: "Mon–Fri 08:00–12:00 and 13:00–17:00"."""
    if hours.weekly == BusinessHours.always().weekly:
        return _("around the clock")
    stretches = []
    for frames, days in groupby(range(7), key=lambda day: hours.weekly[day]):
        if frames:
            span = list(days)
            faces = [f"{clock_face(opens // 60)}–{clock_face(closes // 60)}" for opens, closes in frames]
            stretches.append(f"{_span(span)} {_(' and ').join(faces)}")
    return "; ".join(stretches) or _("never open in an ordinary week")


def _span(days: Sequence[int]) -> str:
    first, last = (str(Weekday(day).label)[:3] for day in (days[0], days[-1]))
    return first if len(days) == 1 else f"{first}–{last}"


def _next_change(hours: BusinessHours, now: datetime, is_open: bool) -> datetime | None:
    if not is_open:
        try:
            return calendars.next_open(hours, now)
        except calendars.NeverOpen:
            return None
    closing = calendars.open_intervals(hours, now, now + _LOOK_AHEAD)[0].end
    return closing if closing < now + _LOOK_AHEAD else None


def _days(calendar: BusinessCalendar, monday: date, today: date) -> list[Day]:
    days = [monday + timedelta(days=number) for number in range(7)]
    known: dict[date, str] = {}
    if not calendar.always_open:
        named = public_holidays(calendar.country, calendar.subdivision, days[0].year, days[-1].year)
        known = {day: named[day] for day in days if day in named}
        for exception in calendar.exceptions.all():
            if days[0] <= exception.date <= days[-1]:
                known[exception.date] = exception.reason or _("other hours")
    return [
        Day(_percent(number * 86_400), date_format(day, "D j"), day == today, known.get(day, ""))
        for number, day in enumerate(days)
    ]


def _frames(hours: BusinessHours, zone: str, monday: date) -> list[OpenFrame]:
    start = to_utc(_midnight(monday), zone)
    end = to_utc(_midnight(monday + timedelta(days=7)), zone)
    found = []
    for frame in calendars.open_intervals(hours, start, end):
        opens, closes = to_local(frame.start, zone), to_local(frame.end, zone)
        found.append(
            OpenFrame(
                x=_percent((opens - _midnight(monday)).total_seconds()),
                width=_percent(max((closes - opens).total_seconds(), 0)),
                title=f"{date_format(opens, 'D')} {opens:%H:%M}–{closes:%H:%M}",
            )
        )
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock has no zone


def _percent(seconds: float) -> str:
    return f"{seconds * 100 / _WEEK:.3f}%"
