"""What every page of the portal knows: rooms, bell, pulse, clocks, theme.

Everything is worked out when a template asks for it and once a request, so that fragments, the API
and the admin pay nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core import nav
from core.http.now import request_now
from core.types import Words
from core.ui.words import clock_time, zone_letters

THEMES = frozenset({"light", "dark"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A room or a menu entry as the templates draw it."""

    label: Words
    short: Words
    icon: str
    url: str
    here: bool = False
    count: int = 0
    tone: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of the top bar: its hands now, its letters, its IANA zone."""

    zone: str
    hands: str
    letters: str


class Shell:
    """The frame around a page, for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.user: Any = getattr(request, "user", None)

    @cached_property
    def signed_in(self) -> bool:
        return bool(self.user and self.user.is_authenticated)

    @cached_property
    def base(self) -> str:
        """Which frame an error page stands in: the portal's, or the door's for strangers."""
        return "core/base.html" if self.signed_in else "core/door.html"

    @cached_property
    def now(self) -> datetime:
        """The instant of this request, by the database's clock."""
        return request_now(self._request)

    @cached_property
    def theme(self) -> str:
        """ "light", "dark", or "" to follow the system."""
        chosen = self._request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def organisation(self) -> str:
        return str(getattr(settings, "MAINSTAY_ORGANISATION", ""))

    @cached_property
    def zone(self) -> str:
        """IANA zone in which this reader reads times."""
        return str(getattr(self.user, "zone", "") or "UTC")

    @cached_property
    def clocks(self) -> list[Clock]:
        zones = [self.zone] if self.zone == "UTC" else [self.zone, "UTC"]
        return [Clock(zone, clock_time(self.now, zone), zone_letters(zone, self.now)) for zone in zones]

    @cached_property
    def _rooms(self) -> list[tuple[nav.Room, Entry]]:
        if not self.signed_in:
            return []
        rooms = nav.rooms_for(self.user)
        here = self._here(rooms)
        drawn = []
        for room in rooms:
            count, tone = (room.badge(self._request) if room.badge else None) or (0, "")
            entry = Entry(
                label=room.label,
                short=room.short or room.label,
                icon=room.icon,
                url=nav.url_of(room.url_name),
                here=room is here,
                count=count,
                tone=tone,
                key=room.key,
            )
            drawn.append((room, entry))
        return drawn

    def _here(self, rooms: list[nav.Room]) -> nav.Room | None:
        """The room this page belongs to: by URL name, else by what a room covers, else by path."""
        match = getattr(self._request, "resolver_match", None)
        if match:
            names = {match.view_name, match.namespace}
            for room in rooms:
                if room.url_name == match.view_name:
                    return room
            for room in rooms:
                if names.intersection(room.covers):
                    return room
        inside = [
            room
            for room in rooms
            if len(url := nav.url_of(room.url_name)) > 1 and self._request.path.startswith(url)
        ]
        return max(inside, key=lambda room: len(nav.url_of(room.url_name)), default=None)

    @cached_property
    def sections(self) -> list[tuple[str, list[Entry]]]:
        """The sidebar: sections with their rooms."""
        grouped: dict[str, list[Entry]] = {}
        for room, entry in self._rooms:
            grouped.setdefault(room.section, []).append(entry)
        return list(grouped.items())

    @cached_property
    def thumb(self) -> list[Entry]:
        """The first four rooms for the thumb bar of a phone."""
        return [entry for room, entry in self._rooms if room.phone][:4]

    @cached_property
    def more(self) -> list[tuple[str, list[Entry]]]:
        """What the thumb bar leaves out."""
        shown = {entry.url for entry in self.thumb}
        rest = [(name, [entry for entry in rooms if entry.url not in shown]) for name, rooms in self.sections]
        return [(name, rooms) for name, rooms in rest if rooms]

    @cached_property
    def more_here(self) -> bool:
        """Whether the reader stands in one of the rooms behind "More"."""
        return any(entry.here for _name, rooms in self.more for entry in rooms)

    @cached_property
    def bell(self) -> Entry | None:
        """The inbox and how many messages in it are unread."""
        if not self.signed_in or nav.registry.bell is None:
            return None
        url_name, count = nav.registry.bell
        url = nav.url_of(url_name)
        return Entry("", "", "bell", url, count=count(self._request)) if url else None

    @cached_property
    def pulse(self) -> nav.Pulse:
        """How many wait for somebody, and the worst of them."""
        if not self.signed_in or nav.registry.pulse is None:
            return nav.Pulse(0)
        return nav.registry.pulse(self._request)

    @cached_property
    def duty(self) -> Words:
        """Whether the reader is on call, as a sentence, or ""."""
        return nav.registry.duty(self._request) if self.signed_in and nav.registry.duty else ""

    @cached_property
    def menu(self) -> list[Entry]:
        """The reader's own menu."""
        entries = sorted(nav.registry.menu, key=lambda entry: entry[0])
        return [
            Entry(label, label, icon, url)
            for _order, label, icon, url_name, permission in entries
            if (not permission or permission(self.user)) and (url := nav.url_of(url_name))
        ]


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `{{ shell }}`."""
    return {"shell": Shell(request)}
