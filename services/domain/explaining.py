"""Why a promise is due when it is: each stretch that counts, each pause and what it was for, adding up to the target. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core import calendars
from core.calendars import Frame
from services.domain import promise

Kind = Literal["counted", "paused", "to_come", "late"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` (UTC, half-open), `seconds` of opening hours.

    `counted` has been used up, `to_come` will be if nothing changes, `late` counts beyond the target, and `paused` stood still
    for `reason`. `total` is what is used up of the promise when the stretch ends, in business seconds.
    """

    start: datetime
    end: datetime
    kind: Kind
    seconds: int
    total: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """The stretches in order, what is used up and what is left (negative: late) at `until`, in business seconds."""

    stretches: tuple[Stretch, ...]
    used: int
    left: int
    until: datetime


def explain(
    terms: promise.Terms,
    *,
    now: datetime,
    due_at: datetime,
    ended_at: datetime | None = None,
    paused: bool = False,
    reasons: Mapping[datetime, str] | None = None,
) -> Explained:
    """What was counted up to now, or up to its end, and where it still counts what is to come until it is due.

    `reasons` say of the beginning of a pause what it was for. The `counted` and `late` stretches add up to `used`, and with
    those `to_come` to the target.
    """
    until = min(ended_at or now, now)
    horizon = until if paused or ended_at is not None else max(until, due_at)
    found: list[Stretch] = []
    total = 0
    for frame in promise.counted(terms, horizon):
        for piece in _cut(frame, until):
            if piece.kind == "pause":
                found.append(
                    Stretch(
                        piece.start,
                        piece.end,
                        "paused",
                        piece.seconds,
                        total,
                        _why(piece, terms, reasons or {}),
                    )
                )
                continue
            for kind, part in _by_target(piece, terms.target - total, until):
                total += part.seconds
                found.append(Stretch(part.start, part.end, kind, part.seconds, total))
    used = promise.used(terms, until)
    return Explained(tuple(found), used, terms.target - used, until)


def _cut(frame: Frame, at: datetime) -> list[Frame]:
    """The frame, in two where `at` (to the whole second) lies within."""
    at = at.replace(microsecond=0)
    if not frame.start < at < frame.end:
        return [frame]
    first = int((at - frame.start).total_seconds())
    return [
        Frame(frame.start, at, frame.kind, first),
        Frame(at, frame.end, frame.kind, frame.seconds - first),
    ]


def _by_target(frame: Frame, left: int, until: datetime) -> list[tuple[Kind, Frame]]:
    """An open frame as what is counted or to come, and what lies beyond the target."""
    within: Kind = "to_come" if frame.start >= until.replace(microsecond=0) else "counted"
    if frame.seconds <= left:
        return [(within, frame)]
    if left <= 0:
        return [("late", frame)]
    (first, second) = _cut(frame, calendars.add(calendars.BusinessHours.always(), frame.start, left))
    return [(within, first), ("late", second)]


def _why(frame: Frame, terms: promise.Terms, reasons: Mapping[datetime, str]) -> str:
    """What the pause around a frame was for; pauses that touch say the reason of the first."""
    around = [
        pause
        for pause in terms.pauses
        if pause.start < frame.end and pause.end > frame.start and pause.start in reasons
    ]
    return reasons[min(around, key=lambda pause: pause.start).start] if around else ""
