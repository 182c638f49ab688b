"""The bar of one promise: from opened to due in wall time, what is consumed, what was paused.

Pure geometry. Positions are percentages of the width, so the bar stretches without a script or a
style attribute.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.ui.words import absolute, due_words, duration, left_or_late, spoken

Tone = Literal["ok", "warn", "late", "met", "paused"]
Pause = tuple[datetime, datetime | None]
_ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the bar. `kind` is "used" or "pause"; `x` and `width` are percentages ("12.5%")."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class SlaBar:
    """One promise, ready to draw by `{% promise %}`.

    `left` is what is said at its right end; `tick` is where the warning stands; `label` says the
    whole bar in words; `due` is set only while it counts, for the browser to count along;
    `due_text` is the due time by the clock, or its day where that is another, `detail` the same with zone.
    """

    name: str
    left: str
    tone: Tone
    segments: tuple[Segment, ...]
    tick: str | None
    label: str
    due: datetime | None = None
    warn_at: datetime | None = None
    due_text: str = ""
    detail: str = ""
    note: str = ""


def sla_bar(
    opened: datetime,
    due: datetime | None,
    now: datetime,
    pauses: Iterable[Pause] = (),
    *,
    warn_at: datetime | None = None,
    met_at: datetime | None = None,
    name: str = "",
    remaining: timedelta | None = None,
    zone: str = "UTC",
    note: str = "",
) -> SlaBar:
    """Geometry and words of a promise opened at `opened` and due at `due` (aware instants).

    A pause without an end is still running; then the promise is paused, and `remaining` (what is
    left of it) stands in for `due`, which is unknown until it runs again. `zone` (IANA) is the
    reader's. Raises ValueError when neither `due` nor `remaining` is given.
    """
    end = min(met_at or now, now)
    pauses = list(pauses)
    spans = _within(pauses, opened, end)
    paused = met_at is None and any(stop is None for _start, stop in pauses)
    if due is None or (paused and remaining is not None):
        if remaining is None:
            raise ValueError("A promise needs a due time, or what remains of it while it is paused.")
        target = end + remaining
    else:
        target = due
    tone = _tone(target, end, met=met_at is not None, paused=paused, warn_at=warn_at)
    rest = sum((stop - start for start, stop in spans), _ZERO)
    left = _left(tone, opened, target, end, rest)
    said = _said(tone, (opened, target, end), rest, zone)
    return SlaBar(
        name=name,
        left=left,
        tone=tone,
        segments=_segments(opened, target, end, spans),
        tick=_percent(opened, target, warn_at) if warn_at and opened < warn_at < target else None,
        label=f"{name}: {said}" if name else said,
        due=target if tone in {"ok", "warn"} or (tone == "late" and met_at is None) else None,
        warn_at=warn_at,
        due_text="" if tone in {"paused", "met"} else due_words(target, zone, now),
        detail="" if tone in {"paused", "met"} else _("due %(when)s") % {"when": absolute(target, zone, now)},
        note=note or (_("%(time)s paused") % {"time": duration(rest.total_seconds())} if rest else ""),
    )


_INK = {"warn": "ink-watch", "late": "ink-bad", "met": "ink-ok"}
_CSS = {"warn": "sla-warn", "late": "sla-late", "met": "sla-met"}


def draw(bar: SlaBar, subject: str = "", *, detail: bool = False, seconds: bool = False) -> SafeString:
    """The HTML of a promise. `subject` names whose (a reference), `detail` adds the line under it, `seconds` counts them.

    Put together from strings rather than by a template: a board draws fifty of them.
    """
    name, more, beside = escape(bar.name), "", ""
    if subject:
        head = f'<span class="cut"><b>{name}</b> <span class="faint">{escape(subject)}</span></span>'
        if bar.due_text:
            beside = f' <span class="faint">{escape(bar.due_text)}</span>'
    else:
        head = f'<span class="soft cut">{name}</span>'
    counts = ""
    if bar.due:
        warn = f' data-warn="{bar.warn_at.isoformat()}"' if bar.warn_at else ""
        counts = f' data-due="{bar.due.isoformat()}"{warn}{" data-seconds" if seconds else ""}'
    pieces = "".join(
        f'<rect class="sla-{piece.kind}" x="{piece.x}" y="1" width="{piece.width}" height="6"/>'
        for piece in bar.segments
    )
    if bar.tick:
        pieces += f'<line class="sla-tick" x1="{bar.tick}" x2="{bar.tick}" y1="-1" y2="9"/>'
    if detail and (bar.detail or bar.note):
        more = f'<span class="faint"><span>{escape(bar.detail)}</span><span>{escape(bar.note)}</span></span>'
    return SafeString(
        f'<div class="promise"><span>{head}<span class="num"><b class="num {_INK.get(bar.tone, "")}"{counts}>'
        f'{escape(bar.left)}</b>{beside}</span></span><svg class="sla {_CSS.get(bar.tone, "")}" role="img" '
        f'aria-label="{escape(bar.label)}"><rect class="sla-track" y="1" width="100%" height="6" rx="2"/>{pieces}</svg>'
        f"{more}</div>"
    )


def _within(pauses: Iterable[Pause], opened: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The pauses clipped to [opened, end), joined where they overlap."""
    joined: list[tuple[datetime, datetime]] = []
    for start, stop in sorted((max(start, opened), min(stop or end, end)) for start, stop in pauses):
        if start >= stop:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def _tone(target: datetime, end: datetime, *, met: bool, paused: bool, warn_at: datetime | None) -> Tone:
    if end > target:
        return "late"
    if met:
        return "met"
    if paused:
        return "paused"
    return "warn" if warn_at and end >= warn_at else "ok"


def _left(tone: Tone, opened: datetime, target: datetime, end: datetime, rest: timedelta) -> str:
    if tone == "met":
        return _("met in %(time)s") % {"time": duration((end - opened - rest).total_seconds())}
    if tone == "paused":
        return _("%(time)s left") % {"time": duration((target - end).total_seconds())}
    return left_or_late((target - end).total_seconds())


def _percent(opened: datetime, target: datetime, at: datetime) -> str:
    return f"{_share(opened, target, at) * 100:.1f}%"


def _share(opened: datetime, target: datetime, at: datetime) -> float:
    total = (target - opened).total_seconds()
    if total <= 0:
        return 1.0
    return min(1.0, max(0.0, (at - opened).total_seconds() / total))


def _segments(
    opened: datetime, target: datetime, end: datetime, spans: list[tuple[datetime, datetime]]
) -> tuple[Segment, ...]:
    """Consumed and paused pieces from opened to `end`, in order, none of them empty."""
    marks: list[tuple[str, datetime, datetime]] = []
    at = opened
    for start, stop in spans:
        marks += [("used", at, start), ("pause", start, stop)]
        at = stop
    marks.append(("used", at, end))
    pieces = []
    for kind, start, stop in marks:
        left, right = _share(opened, target, start) * 100, _share(opened, target, stop) * 100
        if right - left >= 0.05:
            pieces.append(Segment(kind, f"{left:.1f}%", f"{right - left:.1f}%"))
    return tuple(pieces)


def _said(tone: Tone, span: tuple[datetime, datetime, datetime], rest: timedelta, zone: str) -> str:
    opened, target, end = span
    left = (target - end).total_seconds()
    if tone == "late":
        said = _("%(time)s late") % {"time": spoken(left)}
    elif tone == "met":
        said = _("met with %(time)s to spare") % {"time": spoken(left)}
    elif tone == "paused":
        said = _("paused, %(time)s left") % {"time": spoken(left)}
    else:
        budget = (target - opened - rest).total_seconds()
        share = 100 if budget <= 0 else round(100 * (end - opened - rest).total_seconds() / budget)
        said = _("%(n)d percent used") % {"n": max(0, min(100, share))}
        if tone == "warn":
            said += _(", past the warning")
        if rest:
            said += _(", paused for %(time)s") % {"time": spoken(rest.total_seconds())}
        said += _(", due %(when)s") % {"when": absolute(target, zone, end)}
    return said
