"""Small lines without axes. A gap in the data is a gap in the line, never a zero."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString

_TONES = {"now": "c-now", "bad": "c-bad", "dash": "c-ref c-dash"}


@lru_cache(maxsize=1024)
def sparkline(values: tuple[float | None, ...], tone: str = "", label: str = "") -> SafeString:
    """The line of `values` as SVG. `tone`: now (accent), bad, dash, or "" (grey). Silent for a voice unless `label` is given.
    Without a known value a hatch stands for unknown."""
    path = sparkline_path(values)
    drawn = (
        f'<path class="{_TONES.get(tone, "c-ref")}" d="{path}"/>'
        if path
        else '<rect class="c-hatch" y="7" width="94" height="8"/>'
    )
    voice = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return SafeString(
        f'<svg class="spark" viewBox="0 0 94 22" preserveAspectRatio="none" {voice}>{drawn}</svg>'
    )


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
