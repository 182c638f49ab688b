"""What the shell shows, filled by every app's own `nav.py`, as the admin is by `admin.py`.

A room of the sidebar, the bell of the inbox, the pulse of title and favicon, and where the palette
can jump. `core` knows none of the apps: it asks whoever registered.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.translation import gettext

from core.types import Words

Badge = tuple[int, str]
SECTIONS = ("Now", "Know", "Learn", "Keep")


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the sidebar. `covers` are further URL names ("app:name") or namespaces ("app")
    whose pages belong to it; `key` is its letter after `g`; `phone` puts it into the thumb bar."""

    section: str
    order: int
    label: Words
    icon: str
    url_name: str
    badge: Callable[[HttpRequest], Badge | None] | None = None
    permission: Callable[[Any], bool] | None = None
    key: str = ""
    phone: bool = False
    short: Words = ""
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Jump:
    """A place the palette can go to. `kind` ("Incidents") is the heading it stands under in the search."""

    label: Words
    url: str
    icon: str = "arrow-right"
    hint: Words = ""
    key: str = ""
    kind: Words = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What title and favicon carry: how many wait for somebody, and the worst of them ("SEV1")."""

    count: int
    worst: str = ""


@dataclass(slots=True)
class _Registry:
    rooms: dict[str, Room] = field(default_factory=dict)
    bell: tuple[str, Callable[[HttpRequest], int]] | None = None
    pulse: Callable[[HttpRequest], Pulse] | None = None
    duty: Callable[[HttpRequest], Words] | None = None
    jumps: list[Callable[[HttpRequest, str], Iterable[Jump]]] = field(default_factory=list)
    menu: list[tuple[int, Words, str, str, Callable[[Any], bool] | None]] = field(default_factory=list)


registry = _Registry()


def register(
    *,
    section: str,
    order: int,
    label: Words,
    icon: str,
    url_name: str,
    badge: Callable[[HttpRequest], Badge | None] | None = None,
    permission: Callable[[Any], bool] | None = None,
    key: str = "",
    phone: bool = False,
    short: Words = "",
    covers: Sequence[str] = (),
) -> None:
    """Add a room; the same `url_name` again replaces it.

    `badge(request)` gives (count, tone) with tone "" or "bad", or None; it is one cheap query at
    most and runs on every page. `permission(user)` hides the room from people who may not enter.
    `short` is the label in the thumb bar.
    """
    registry.rooms[url_name] = Room(
        section, order, label, icon, url_name, badge, permission, key, phone, short, tuple(covers)
    )


def register_bell(url_name: str, count: Callable[[HttpRequest], int]) -> None:
    """The inbox behind the bell, and how many messages in it are unread."""
    registry.bell = (url_name, count)


def register_pulse(pulse: Callable[[HttpRequest], Pulse]) -> None:
    """Who knows what waits for somebody; shown in title and favicon."""
    registry.pulse = pulse


def register_duty(duty: Callable[[HttpRequest], Words]) -> None:
    """Who knows whether the reader is on call: "On call until 20:00 EAT", or ""."""
    registry.duty = duty


def register_jumps(provider: Callable[[HttpRequest, str], Iterable[Jump]]) -> None:
    """Add places for the palette: `provider(request, q)` gives at most a handful that match `q`."""
    registry.jumps.append(provider)


def register_menu(
    *, order: int, label: Words, icon: str, url_name: str, permission: Callable[[Any], bool] | None = None
) -> None:
    """Add an entry to the reader's own menu (my page, admin)."""
    registry.menu = [entry for entry in registry.menu if entry[3] != url_name]
    registry.menu.append((order, label, icon, url_name, permission))


def rooms_for(user: Any) -> list[Room]:
    """The rooms this person may enter, in order. Rooms whose URL does not exist are left out."""
    allowed = [room for room in registry.rooms.values() if not room.permission or room.permission(user)]
    order = {name: index for index, name in enumerate(SECTIONS)}
    allowed.sort(key=lambda room: (order.get(room.section, len(order)), room.order, str(room.label)))
    return [room for room in allowed if url_of(room.url_name)]


def url_of(url_name: str) -> str:
    """The URL of that name, or "" where no app serves it."""
    return _url_of(url_name, get_urlconf(), get_script_prefix())


@cache
def _url_of(url_name: str, _urlconf: str | None, _prefix: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def jumps_for(request: HttpRequest, q: str, limit: int = 12) -> list[Jump]:
    """Where `q` may lead: rooms by their label first, then what the apps offer."""
    wanted = q.strip().casefold()
    found = [
        Jump(
            room.label,
            url_of(room.url_name),
            room.icon,
            room.section,
            f"g {room.key}" if room.key else "",
            gettext("Rooms"),
        )
        for room in rooms_for(request.user)
        if wanted in str(room.label).casefold()
    ]
    for provider in registry.jumps:
        if len(found) >= limit:
            break
        found.extend(provider(request, q.strip()))
    return found[:limit]
