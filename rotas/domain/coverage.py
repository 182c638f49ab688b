"""Who is on call: the expansion of layers and overrides into shifts.

Pure functions of plain values. The final schedule tiles the asked window without gap or overlap; where nobody
is on, a shift without people says so. Instants are taken at whole seconds.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from core.hours import BusinessHours
from core.timelines import Timeline, reaching
from core.zones import from_seconds, seconds
from rotas.domain.grid import grid_of, handoffs, validity, window_frames
from rotas.types import Layer, Override, Shift, Stretch

__all__ = ["coverage", "handoffs", "layer_shifts", "who"]

People = tuple[int, ...]

_EPOCH: Final = from_seconds(0)
_SPANS: Final = tuple(86_400 * days for days in (2, 8, 35, 100, 400))


class Piece(NamedTuple):
    """A stretch of the final schedule in seconds; as in `Shift`."""

    start: int
    end: int
    people: People
    layer: int | None
    override: int | None


def layer_shifts(layer: Layer, start: datetime, end: datetime) -> list[Shift]:
    """The shifts of one layer by itself within `[start, end)`, cut at both.

    A shift ends at each hand-over and where a window closes; times without people are left out.
    """
    return _shifts(_layer_pieces(layer, seconds(start), seconds(end)))


def coverage(
    layers: Iterable[Layer], overrides: Iterable[Override], start: datetime, end: datetime
) -> list[Shift]:
    """The final schedule of `[start, end)`, cut at both: layers by priority, then overrides.

    At each instant the highest layer that has somebody is on; an empty layer never masks a lower one.
    """
    first, last = seconds(start), seconds(end)
    if last <= first:
        return []
    pieces = _stacked(layers, first, last)
    return _shifts(_overridden(pieces, overrides, first, last))


def who(layers: Iterable[Layer], overrides: Iterable[Override], at: datetime) -> Shift:
    """The shift of the final schedule that an instant lies in, the same that `coverage` gives.

    Its start and end are the shift's own, as far as they lie within 400 days.
    """
    layers, overrides = tuple(layers), tuple(overrides)
    second = seconds(at)
    now = from_seconds(second)
    for span in _SPANS:
        margin = timedelta(seconds=span)
        shifts = coverage(layers, overrides, now - margin, now + margin)
        found = next(shift for shift in shifts if shift.start <= now < shift.end)
        if now - margin < found.start and found.end < now + margin:
            break
    return found


def _shifts(pieces: Iterable[Piece]) -> list[Shift]:
    shifts: list[Shift] = []
    last, last_at = 0, _EPOCH
    for start, end, people, layer, override in pieces:
        # most shifts begin where the one before ended: make that datetime once
        begin = last_at if start == last else _EPOCH + timedelta(0, start)
        last, last_at = end, _EPOCH + timedelta(0, end)
        shifts.append(Shift(begin, last_at, people, layer, override))
    return shifts


def _layer_pieces(layer: Layer, start: int, end: int) -> list[Piece]:
    groups, key = layer.groups, layer.key
    if not any(groups):
        return []
    start, end = validity(layer, start, end)
    count = len(groups)
    pieces = [
        Piece(begin, until, people, key, None)
        for begin, until, number in grid_of(layer).turns(start, end)
        if (people := groups[number % count])
    ]
    if pieces:
        # turns come whole and in order: only the outermost reach beyond the window
        pieces[0] = pieces[0]._replace(start=max(pieces[0].start, start))
        pieces[-1] = pieces[-1]._replace(end=min(pieces[-1].end, end))
    if layer.windows and pieces:
        timeline = _open_time(layer.zone, window_frames(layer.windows))
        pieces = list(_within(pieces, reaching(timeline, start, end).frames(start, end)))
    if layer.only is not None:
        pieces = list(_within(pieces, _in_seconds(layer.only)))
    if layer.off and pieces:
        pieces = list(_within(pieces, _between(_in_seconds(layer.off), start, end)))
    return pieces


def _in_seconds(stretches: Iterable[Stretch]) -> Iterator[tuple[int, int]]:
    return ((seconds(start), seconds(end)) for start, end in stretches)


def _between(stretches: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What stretches in order leave of `[start, end)`."""
    for low, high in stretches:
        if start < low:
            yield start, min(low, end)
        start = max(start, high)
        if start >= end:
            return
    yield start, end


@lru_cache(maxsize=1024)
def _open_time(zone: str, frames: tuple[tuple[tuple[int, int], ...], ...]) -> Timeline:
    return BusinessHours(zone, frames).timeline


def _within(pieces: Iterable[Piece], frames: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """The parts of sorted pieces that lie in sorted frames."""
    opens = iter(frames)
    opening, closing = next(opens, (0, 0))
    for piece in pieces:
        start, end, people, layer, override = piece
        while opening < closing <= start:
            opening, closing = next(opens, (0, 0))
        while opening < closing and opening < end:
            if opening <= start and end <= closing:
                yield piece
            else:
                yield Piece(max(start, opening), min(end, closing), people, layer, override)
            if closing > end:
                break
            opening, closing = next(opens, (0, 0))


def _stacked(layers: Iterable[Layer], start: int, end: int) -> list[Piece]:
    """Pieces that tile the window: each layer fills what the higher ones left free, gaps the rest."""
    free = [(start, end)]
    filled: list[Piece] = []
    for layer in sorted(layers, key=lambda each: (-each.priority, each.key)):
        pieces = list(_within(_layer_pieces(layer, free[0][0], free[-1][1]), free))
        if pieces:
            filled += pieces
            free = list(_uncovered(free, pieces))
            if not free:
                break
    filled += [Piece(begin, until, (), None, None) for begin, until in free]
    filled.sort()
    return filled


def _uncovered(free: Iterable[tuple[int, int]], pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """What sorted pieces, each within one of the free stretches, leave of them."""
    at, count = 0, len(pieces)
    for low, until in free:
        begin = low
        while at < count and pieces[at].start < until:
            if begin < pieces[at].start:
                yield begin, pieces[at].start
            begin = pieces[at].end
            at += 1
        if begin < until:
            yield begin, until


def _overridden(pieces: list[Piece], overrides: Iterable[Override], start: int, end: int) -> list[Piece]:
    spans = _override_spans(overrides, start, end)
    if not spans:
        return pieces
    changed: list[Piece] = []
    at = 0
    for piece in pieces:
        while at < len(spans) and spans[at][1] <= piece.start:
            at += 1
        here, begin = at, piece.start
        parts: list[Piece] = []
        while here < len(spans) and spans[here][0] < piece.end:
            low, high, active = spans[here]
            low, high = max(low, piece.start), min(high, piece.end)
            _join(parts, piece._replace(start=begin, end=low))
            _join(parts, _apply(piece._replace(start=low, end=high), active))
            begin = high
            here += 1
        _join(parts, piece._replace(start=begin))
        changed += parts
    return changed


def _join(parts: list[Piece], piece: Piece) -> None:
    """Add a part of one base piece; an override without effect must not leave a cut behind."""
    if piece.start >= piece.end:
        return
    if parts and parts[-1].people == piece.people and parts[-1].override == piece.override:
        parts[-1] = parts[-1]._replace(end=piece.end)
    else:
        parts.append(piece)


def _override_spans(
    overrides: Iterable[Override], start: int, end: int
) -> list[tuple[int, int, tuple[Override, ...]]]:
    """Stretches of the window with the overrides that hold throughout, in order of key; none: left out."""
    events: list[tuple[int, int, Override]] = []
    for override in overrides:
        low, high = max(seconds(override.start), start), min(seconds(override.end), end)
        if low < high:
            events += [(low, 1, override), (high, 0, override)]
    events.sort(key=lambda event: event[:2])
    spans: list[tuple[int, int, tuple[Override, ...]]] = []
    active: list[Override] = []
    before = start
    for at, begins, override in events:
        if active and before < at:
            spans.append((before, at, tuple(active)))
        before = at
        if begins:
            insort(active, override, key=lambda each: each.key)
        else:
            active.remove(override)
    return spans


def _apply(piece: Piece, active: Iterable[Override]) -> Piece:
    people, last = piece.people, piece.override
    for override in active:
        after = _changed(people, override)
        if after != people:
            people, last = after, override.key
    return piece._replace(people=people, override=last)


def _changed(people: People, override: Override) -> People:
    """The people after one override; `Override` says what the four kinds mean."""
    if override.replace_all:
        return _once(override.adds)
    if not override.removes:
        return _once(people + override.adds)
    gone = [place for place, person in enumerate(people) if person in override.removes]
    if not gone:
        return people
    kept = tuple(person for person in people if person not in override.removes)
    # those who step in take the first freed place, so that the order of calling stays
    place = gone[0]
    return _once(kept[:place] + override.adds + kept[place:])


def _once(people: People) -> People:
    return tuple(dict.fromkeys(people))
