"""Small lines without axes. A gap in the data is a gap in the line, never a zero."""

from collections.abc import Sequence
from itertools import pairwise


def sparkline_path(values: Sequence[float | None], *, width: float = 94, height: float = 22) -> str:
    """SVG path data that spans `width` × `height`, lowest value at the bottom.

    Unknown values (None) break the line; a lone value is drawn as a short dash. Fewer than one
    known value gives "". A steady series lies in the middle.
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = high - low
    step = width / (len(values) - 1) if len(values) > 1 else width
    pad = 1.5
    points: list[tuple[float, float] | None] = []
    for index, value in enumerate(values):
        if value is None:
            points.append(None)
        else:
            share = (value - low) / span if span else 0.5
            points.append((index * step, height - pad - share * (height - 2 * pad)))
    return path_through(points, dash=step / 2)


def path_through(points: Sequence[tuple[float, float] | None], *, dash: float = 2) -> str:
    """Path data through `points`; None lifts the pen. A point alone becomes a dash of that length."""
    if not points:
        return ""
    pieces: list[str] = []
    padded = [None, *points, None]
    for before, here in pairwise(padded):
        if here is None:
            continue
        pieces.append(f"{'L' if before else 'M'}{here[0]:.1f},{here[1]:.1f}")
    alone = {
        index
        for index, point in enumerate(points)
        if point and padded[index] is None and padded[index + 2] is None
    }
    if not alone:
        return " ".join(pieces)
    drawn = iter(pieces)
    result = []
    for index, point in enumerate(points):
        if point is None:
            continue
        piece = next(drawn)
        result.append(f"{piece} h{dash:.1f}" if index in alone else piece)
    return " ".join(result)
