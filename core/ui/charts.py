"""Charts as numbers: pure functions from figures to percentages and pixels, drawn by small templates.

x and width are percentages, y and height are pixels, so that a chart stretches without scripts or style
attributes. Every chart carries a sentence and the figures it was drawn from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10

from core.ui.sparkline import path_through

SEVERITY_FILLS = ("c-bar-bad", "c-bar-s2", "c-bar-watch", "c-bar-s4")
SEVERITY_NAMES = ("SEV1", "SEV2", "SEV3", "SEV4")
PLOT_WIDTH = 600


@dataclass(frozen=True, slots=True)
class GridLine:
    """A line across the plot at `y` pixels, and what it stands for."""

    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A coloured piece of a column: `y` and `height` in pixels, `css` its fill, `title` its words."""

    y: float
    height: float
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class StackRow:
    """One column to draw: its label, a part for each series, and the list behind the number."""

    label: str
    parts: tuple[int, ...]
    url: str = ""

    @property
    def total(self) -> int:
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as drawn; `label` is empty where there is no room for it."""

    x: str
    width: str
    middle: str
    blocks: tuple[Block, ...]
    label: str
    total: int
    top: float


@dataclass(frozen=True, slots=True)
class StackChart:
    """Stacked columns. `base` is the y of the floor, `rows` the figures."""

    title: str
    sentence: str
    height: int
    base: int
    grid: tuple[GridLine, ...]
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, str], ...]
    rows: tuple[StackRow, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Two lines over the same labels; `gaps` are (x, width) of what is unknown, `ends` the last values."""

    title: str
    sentence: str
    height: int
    base: int
    plot: int
    view_box: str
    grid: tuple[GridLine, ...]
    now_path: str
    ref_path: str
    gaps: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str, str], ...]
    ends: tuple[tuple[float, str, str], ...]
    names: tuple[str, str]
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class BarRow:
    """One horizontal bar: `text` is the number as said, `tone` one of "", now, bad, watch, ok."""

    label: str
    value: float
    text: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar with its length and fill."""

    row: BarRow
    width: str
    css: str
    said: str = field(default="")


def nice_ceiling(value: float) -> float:
    """The next round number at or above `value` whose half is round too: 2, 4, 10, 12, 16, 20, …"""
    if value <= 10:
        return max(2.0, 2.0 * ceil(value / 2))
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10) if step * power >= value)


def duration_ceiling(seconds: float) -> float:
    """The next round length of time at or above `seconds`, with a round half: 10 min, 1 h, 2 d."""
    lengths = [60 * n for n in (2, 4, 10, 20, 30, 60)] + [3600 * n for n in (2, 4, 6, 8, 12, 24)]
    return next((float(n) for n in lengths if n >= seconds), 86_400 * nice_ceiling(seconds / 86_400))


def stack_chart(
    rows: Sequence[StackRow],
    *,
    title: str,
    sentence: str,
    names: Sequence[str] = SEVERITY_NAMES,
    fills: Sequence[str] = SEVERITY_FILLS,
    height: int = 150,
) -> StackChart:
    """Columns of `rows`, the worst part at the bottom. `names` and `fills` belong to the parts, in order."""
    base, head = height - 22, 14
    top = nice_ceiling(max((row.total for row in rows), default=0))
    scale = (base - head) / top
    slot = 100 / max(1, len(rows))
    every = max(1, ceil(len(rows) / 13))
    columns = []
    for index, row in enumerate(rows):
        blocks = []
        y = float(base)
        for part, name, css in zip(row.parts, names, fills, strict=False):
            if part:
                y -= part * scale
                blocks.append(Block(round(y, 1), round(part * scale, 1), css, f"{row.label}: {part} {name}"))
        columns.append(
            Column(
                x=f"{index * slot + slot * 0.12:.2f}%",
                width=f"{slot * 0.76:.2f}%",
                middle=f"{(index + 0.5) * slot:.2f}%",
                blocks=tuple(blocks),
                label=row.label if (len(rows) - 1 - index) % every == 0 else "",
                total=row.total,
                top=round(y - 5, 1),
            )
        )
    grid = tuple(GridLine(round(base - share * top * scale), _short(share * top)) for share in (0.5, 1.0))
    keys = tuple(zip(names, fills, strict=False))
    return StackChart(title, sentence, height, base, grid, tuple(columns), keys, tuple(rows))


def line_chart(
    labels: Sequence[str],
    now_values: Sequence[float | None],
    ref_values: Sequence[float | None],
    *,
    title: str,
    sentence: str,
    names: tuple[str, str] = ("median", "p90"),
    say: Callable[[float], str] | None = None,
    ceiling: Callable[[float], float] = nice_ceiling,
    urls: Sequence[str] = (),
    height: int = 150,
) -> LineChart:
    """Two lines over `labels`: the first in accent, the second in grey. None is unknown and hatched.

    `say` puts a value into words (default: the number), `ceiling` rounds the top of the scale up
    (`duration_ceiling` for seconds). Raises ValueError when lengths differ.
    """
    if not len(labels) == len(now_values) == len(ref_values):
        raise ValueError("Labels and both series must have the same length.")
    speak = say or _short
    base, head = height - 22, 8
    known = [value for value in (*now_values, *ref_values) if value is not None]
    top = ceiling(max(known, default=0))
    plot = base - head
    step = PLOT_WIDTH / max(1, len(labels) - 1)

    def points(values: Sequence[float | None]) -> list[tuple[float, float] | None]:
        return [
            None if value is None else (index * step, plot - value / top * plot)
            for index, value in enumerate(values)
        ]

    slot = 100 / max(1, len(labels) - 1)
    gaps = tuple(
        (
            f"{max(0.0, (index - 0.5) * slot):.2f}%",
            f"{slot if 0 < index < len(labels) - 1 else slot / 2:.2f}%",
        )
        for index, pair in enumerate(zip(now_values, ref_values, strict=True))
        if pair == (None, None) and len(labels) > 1
    )
    return LineChart(
        title=title,
        sentence=sentence,
        height=height,
        base=base,
        plot=plot,
        view_box=f"0 0 {PLOT_WIDTH} {plot}",
        grid=tuple(
            GridLine(round(base - share * plot), speak(share * top) if share else "0")
            for share in (0.0, 0.5, 1.0)
        ),
        now_path=path_through(points(now_values)),
        ref_path=path_through(points(ref_values)),
        gaps=gaps,
        labels=_spread(labels, slot),
        ends=_ends((now_values, ref_values), lambda value: round(head + plot - value / top * plot, 1), speak),
        names=names,
        rows=tuple(
            (label, speak(now) if now is not None else "–", speak(ref) if ref is not None else "–", url)
            for label, now, ref, url in zip(
                labels, now_values, ref_values, [*urls, *[""] * (len(labels) - len(urls))], strict=True
            )
        ),
    )


def bar_lengths(rows: Sequence[BarRow], *, top: float | None = None) -> list[DrawnBar]:
    """Lengths of horizontal bars as a share of `top` (default: the longest)."""
    most = top or max((row.value for row in rows), default=0) or 1
    fills = {"now": "c-bar", "bad": "c-bar-bad", "watch": "c-bar-watch", "ok": "c-bar-ok"}
    return [
        DrawnBar(
            row,
            f"{max(0.0, min(100.0, row.value / most * 100)):.1f}%",
            fills.get(row.tone, "c-bar-ref"),
            row.text or _short(row.value),
        )
        for row in rows
    ]


def _short(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value / 1000:g}k"
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"


def _spread(labels: Sequence[str], slot: float) -> tuple[tuple[str, str, str], ...]:
    """First, middle and last label with their place: (x, anchor, text)."""
    if not labels:
        return ()
    if len(labels) == 1:
        return (("50%", "middle", labels[0]),)
    last = len(labels) - 1
    shown = [("0%", "start", labels[0]), ("100%", "end", labels[last])]
    if last >= 4:
        shown.insert(1, (f"{last // 2 * slot:.2f}%", "middle", labels[last // 2]))
    return tuple(shown)


def _ends(
    series: tuple[Sequence[float | None], Sequence[float | None]],
    place: Callable[[float], float],
    speak: Callable[[float], str],
) -> tuple[tuple[float, str, str], ...]:
    """The last known value of each line: (y in pixels, text, css), kept a line of text apart."""
    ends = []
    for values, css in zip(series, ("t-strong", ""), strict=True):
        if values and values[-1] is not None:
            ends.append((place(values[-1]), speak(values[-1]), css))
    if len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < 12:
        low = max(ends[0][0], ends[1][0])
        ends = [(low + 6, *ends[0][1:]), (low - 8, *ends[1][1:])]
    return tuple(ends)
