"""Rooms as links: in the sidebar, in the thumb bar of a phone, behind its "More". Every page draws forty of them."""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString

from core.context import Entry
from core.ui.marks import icon


def sidebar(rooms: Iterable[Entry]) -> SafeString:
    """With their keys and counts."""
    return _drawn(
        (_link(room.url, room.icon, str(room.label), room.key, here=room.here), _count(room))
        for room in rooms
    )


def thumbs(rooms: Iterable[Entry]) -> SafeString:
    """By their short names, with counts."""
    return _drawn(
        (_link(room.url, room.icon, str(room.short), here=room.here), _count(room)) for room in rooms
    )


def sheet(rooms: Iterable[Entry]) -> SafeString:
    """What the thumb bar leaves out, with counts in one tone."""
    return _drawn(
        (_link(room.url, room.icon, str(room.label), here=room.here), _count(room, toned=False))
        for room in rooms
    )


def _drawn(parts: Iterable[tuple[str, str]]) -> SafeString:
    return SafeString("\n".join(f"{link}{count}</a>" for link, count in parts))


@lru_cache(maxsize=512)
def _link(url: str, shape: str, label: str, key: str = "", *, here: bool) -> str:
    said = escape(label)
    current = ' aria-current="page"' if here else ""
    keyed = f' data-go="{escape(key)}" data-key-label="{said}"' if key else ""
    return f'<a href="{escape(url)}"{current}{keyed}>{icon(shape)}{said}'


def _count(room: Entry, *, toned: bool = True) -> str:
    if not room.count:
        return ""
    tone = f" is-{room.tone}" if toned and room.tone else ""
    return f'<span class="n num{tone}">{room.count}</span>'
