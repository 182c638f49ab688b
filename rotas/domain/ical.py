"""Shifts as an iCalendar text (RFC 5545, with the calendar properties of RFC 7986). Pure.

Events are timed in UTC, never all-day, so that no reader's zone moves a shift. The same duties give the same text, byte for
byte: what a calendar program keeps by UID stays one event, however often it reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from icalendar import Calendar, Event, vText

from core.crypto import digest

REFRESH: Final = timedelta(hours=1)
PRODUCT: Final = "-//Mainstay//Rotas//EN"


@dataclass(frozen=True, slots=True)
class Duty:
    """From `start` to `end` (UTC, half-open) one person is on call of one rota.

    `person` is their key; `beside` says that they are in training, beside whoever is on call. `detail` is said in full
    sentences, `url` absolute; `changed_at` (UTC) is since when it stands so.
    """

    rota: str
    person: int
    start: datetime
    end: datetime
    title: str
    detail: str
    url: str
    changed_at: datetime
    beside: bool = False


def uid_of(duty: Duty, host: str) -> str:
    """Rota, start and person: the same however often it is worked out, and whatever becomes of its end."""
    what = "-shadow" if duty.beside else ""
    return f"{duty.rota}-{duty.start:%Y%m%dT%H%M%SZ}-{duty.person}{what}@{host}"


def tag_of(name: str, duties: Sequence[Duty], host: str) -> str:
    """A strong mark of the text that `write` makes of these, without making it."""
    return digest(repr((PRODUCT, REFRESH, name, host, duties)))


def write(name: str, duties: Iterable[Duty], host: str) -> bytes:
    """The calendar in UTF-8; `host` completes the UIDs. A duty of less than a second is left out."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", _text(name))
    calendar.add("x-wr-calname", _text(name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for duty in duties:
        if _second(duty.start) < _second(duty.end):
            calendar.add_component(_event(duty, host))
    return bytes(calendar.to_ical())


def _event(duty: Duty, host: str) -> Event:
    event = Event()
    event.add("uid", uid_of(duty, host))
    # without a METHOD both say when it changed last, so reading again changes nothing
    event.add("dtstamp", _second(duty.changed_at))
    event.add("last-modified", _second(duty.changed_at))
    event.add("dtstart", _second(duty.start))
    event.add("dtend", _second(duty.end))
    event.add("summary", _text(duty.title))
    event.add("description", _text(duty.detail))
    event.add("url", duty.url)
    if duty.beside:
        # nobody counts on them: they may be asked to something else
        event.add("transp", "TRANSPARENT")
    return event


def _text(words: str) -> vText:
    """Words as RFC 5545 writes them, escaped: without control characters, lines apart."""
    lines = words.splitlines()
    return vText("\n".join("".join(filter(str.isprintable, line)) for line in lines))


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
