"""Instants and durations in the words of the portal: "14 min", "1 h 32", "19:38 EAT".

The browser refreshes the same words (`static/core/js/words.js`) by the templates in `said.py`.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.instants import shown_in

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Zones whose own data has no letters ("+0545"), by the letters people there use.
_LETTERS = {
    "Asia/Kathmandu": "NPT",
    "Asia/Katmandu": "NPT",
    "America/Bogota": "COT",
    "America/Lima": "PET",
    "America/Sao_Paulo": "BRT",
    "America/Argentina/Buenos_Aires": "ART",
    "America/Santiago": "CLT",
    "Asia/Dubai": "GST",
    "Asia/Singapore": "SGT",
    "Europe/Istanbul": "TRT",
}


def duration(seconds: float) -> str:
    """A length of time at a glance, sign ignored: "45 s", "14 min", "1 h 32", "2 d 5 h", "45 d"."""
    whole = int(abs(seconds))
    if whole < MINUTE:
        return _("%(n)d s") % {"n": whole}
    if whole < HOUR:
        return _("%(n)d min") % {"n": whole // MINUTE}
    if whole < DAY:
        hours, minutes = divmod(whole // MINUTE, 60)
        return _("%(h)d h %(m)02d") % {"h": hours, "m": minutes} if minutes else _("%(h)d h") % {"h": hours}
    days, hours = divmod(whole // HOUR, 24)
    if hours and days < 14:
        return _("%(d)d d %(h)d h") % {"d": days, "h": hours}
    return _("%(d)d d") % {"d": days}


def left_or_late(seconds: float) -> str:
    """Time left until a due instant; once it has passed, how late: "11 min", "3 h late"."""
    return duration(seconds) if seconds >= 0 else _("%(time)s late") % {"time": duration(seconds)}


def spoken(seconds: float) -> str:
    """The same length for a voice: "1 hour 32 minutes"."""
    whole = int(abs(seconds))
    days, hours, minutes = whole // DAY, whole % DAY // HOUR, whole % HOUR // MINUTE
    parts = []
    if days:
        parts.append(ngettext("%(n)d day", "%(n)d days", days) % {"n": days})
    if hours:
        parts.append(ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours})
    if minutes and not days:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
    return " ".join(parts) or _("less than a minute")


def relative(at: datetime, now: datetime) -> str:
    """Where `at` stands from `now`: "just now", "4 min ago", "in 2 h 05"."""
    seconds = (at - now).total_seconds()
    if abs(seconds) < MINUTE:
        return _("just now")
    if seconds < 0:
        return _("%(time)s ago") % {"time": duration(seconds)}
    return _("in %(time)s") % {"time": duration(seconds)}


def zone_letters(zone: str, at: datetime) -> str:
    """What people call `zone` (IANA) at that instant: "EAT", "NPT", "CET", or "UTC+5:30"."""
    name = shown_in(at, ZoneInfo(zone)).tzname() or ""
    if name and name[0] not in "+-":
        return name
    return _LETTERS.get(zone) or zone_offset(zone, at)


def zone_offset(zone: str, at: datetime) -> str:
    """The offset of `zone` (IANA) from UTC at that instant: "UTC+5:45", "UTC−5", "UTC"."""
    delta = shown_in(at, ZoneInfo(zone)).utcoffset()
    minutes = int(delta.total_seconds()) // 60 if delta else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "−"
    return f"UTC{sign}{hours}:{rest:02d}" if rest else f"UTC{sign}{hours}"


def clock_time(at: datetime, zone: str) -> str:
    """The hands of the clock in `zone` (IANA), without its letters: "19:38"."""
    return f"{shown_in(at, ZoneInfo(zone)):%H:%M}"


def due_words(at: datetime, zone: str, now: datetime) -> str:
    """As short as a margin allows: "19:38" today, "Mon 23 Nov" on another day there."""
    local = shown_in(at, ZoneInfo(zone))
    return f"{local:%H:%M}" if _today(shown_in(now, UTC), zone) == local.date() else _day(local)


def _day(local: datetime, *, year: bool = False) -> str:
    """ "Mon 23 Nov", with its year where asked."""
    weekday, month = _names(get_language())
    said = f"{weekday[local.weekday()]} {local.day} {month[local.month]}"
    return f"{said} {local.year:04d}" if year else said


@lru_cache(maxsize=8)
def _names(_language: str | None) -> tuple[dict[int, str], dict[int, str]]:
    """Short names of weekdays (from 0) and months (from 1) in the language that is spoken."""
    return (
        {number: str(name) for number, name in WEEKDAYS_ABBR.items()},
        {number: str(name).title() for number, name in MONTHS_3.items()},
    )


@lru_cache(maxsize=256)
def _today(now: datetime, zone: str) -> date:
    """The day it is in `zone`: every time of a page asks it. `now` in UTC: elsewhere two hours of one night may be equal."""
    return shown_in(now, ZoneInfo(zone)).date()


def absolute(at: datetime, zone: str, now: datetime | None = None) -> str:
    """`at` in `zone` with its letters, no longer than needed.

    The day is left out when `now` is on the same day there, the year when it is the same year:
    "19:38 EAT", "Mon 23 Nov, 19:38 EAT", "Mon 23 Nov 2026, 19:38 EAT" (always so without `now`).
    """
    return _absolute(
        shown_in(at, UTC), zone, _today(shown_in(now, UTC), zone) if now else None, get_language()
    )


@lru_cache(maxsize=4096)
def _absolute(at: datetime, zone: str, today: date | None, _language: str | None) -> str:
    local = shown_in(at, ZoneInfo(zone))
    hands = f"{local:%H:%M} {zone_letters(zone, at)}"
    if today == local.date():
        return hands
    same_year = today is not None and today.year == local.year
    return f"{_day(local, year=not same_year)}, {hands}"


def full(at: datetime, zone: str) -> str:
    """For a title: the instant in `zone` and, when that differs, in UTC."""
    here = absolute(at, zone)
    return here if zone == "UTC" else f"{here} · {clock_time(at, 'UTC')} UTC"
