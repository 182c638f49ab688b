"""The strip that draws how a promise is counted: what counted, what stood still, what is to come, along wall time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from core.types import Words
from core.ui.amounts import opening_time
from core.ui.words import absolute
from core.zones import to_local
from services.domain.explaining import Stretch

_CSS: Final = {"counted": "why-counted", "to_come": "why-coming", "late": "why-late", "paused": "why-paused"}
WORDS: Final[Mapping[str, Words]] = {
    "counted": gettext_lazy("counted"),
    "to_come": gettext_lazy("to come"),
    "late": gettext_lazy("beyond the time"),
    "paused": gettext_lazy("stood still"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the strip; `x` and `width` are percentages of its length."""

    x: str
    width: str
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant on the strip at `x` percent."""

    x: str
    css: str
    title: str


def blocks(stretches: Sequence[Stretch], start: datetime, last: datetime, zone: str) -> tuple[Block, ...]:
    """The stretches as pieces of a strip from `start` to `last`; titles in the zone's time."""
    length = (last - start) / timedelta(seconds=1) or 1.0
    return tuple(
        Block(
            _percent((each.start - start) / timedelta(seconds=1) / length),
            _percent((each.end - each.start) / timedelta(seconds=1) / length),
            _CSS[each.kind],
            f"{_span(each, zone)}: {opening_time(each.seconds)} {each.reason or WORDS[each.kind]}",
        )
        for each in stretches
    )


def marks(
    known: Iterable[tuple[datetime | None, str, str]],
    start: datetime,
    last: datetime,
    now: datetime,
    zone: str,
) -> tuple[Mark, ...]:
    """Instants on the strip: each with its class and its word; what is not known or lies outside is left out."""
    length = (last - start) / timedelta(seconds=1) or 1.0
    return tuple(
        Mark(
            _percent((at - start) / timedelta(seconds=1) / length), css, f"{word}: {absolute(at, zone, now)}"
        )
        for at, css, word in known
        if at is not None and start <= at <= last
    )


def _span(each: Stretch, zone: str) -> str:
    start, end = to_local(each.start, zone), to_local(each.end, zone)
    day = date_format(start, "D j M")
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{date_format(end, 'D j M')} {end:%H:%M}"
    return f"{day} {start:%H:%M} – {until}"


def _percent(part: float) -> str:
    return f"{max(0.0, min(1.0, part)) * 100:.3f}%"
