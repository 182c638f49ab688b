"""The promises of one incident with their reasons: for the page that explains them, and for the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.types import Words
from core.ui.amounts import opening_time
from core.ui.words import absolute
from core.zones import to_local
from incidents.choices import ClockState
from incidents.domain import waits
from incidents.domain.replay import Drift, drifts
from incidents.domain.stamping import terms_of
from incidents.models import Clock, Incident
from incidents.queries.bars import to_client
from services.choices import Party
from services.domain.explaining import Explained, Stretch, explain
from services.queries.hours import from_json

# More stretches than that are told in short: the first, and the last.
MOST: Final = 60
_CSS: Final = {"counted": "why-counted", "to_come": "why-coming", "late": "why-late", "paused": "why-paused"}
_WORDS: Final[Mapping[str, Words]] = {
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


@dataclass(frozen=True, slots=True)
class Told:
    """One promise explained. `left_out` stretches stand between the first and the last of `stretches`; `answer` is the sentence,
    `hours` says when time counts, `drifts` is empty where telling it again from the timeline gives what is stored."""

    clock: Clock
    explained: Explained
    stretches: tuple[Stretch, ...]
    left_out: int
    blocks: tuple[Block, ...]
    marks: tuple[Mark, ...]
    answer: str
    hours: str
    drifts: tuple[Drift, ...]

    @property
    def rows(self) -> list[tuple[Stretch, Words]]:
        """Each stretch shown, with its word."""
        return [(each, _WORDS[each.kind]) for each in self.stretches]


def explained(incident: Incident, now: datetime, zone: str, *, inside: bool) -> list[Told]:
    """The promises of an incident, those to the client for whoever isn't `inside`; what counts first, then by time.

    `zone` is the reader's. Two queries, three where hands stop one.
    """
    clocks = sorted(
        incident.clocks.all() if inside else to_client(incident.clocks.all()),
        key=lambda clock: (
            clock.state not in {ClockState.RUNNING, ClockState.PAUSED},
            clock.kind,
            -clock.cycle,
        ),
    )
    history = waits.histories_of(clocks).get(incident.pk, waits.History())
    reasons = {start: _with(party) for start, _end, party in history.hands}
    reasons |= {at: words for at, state, party in history.states if (words := _reason(state, party))}
    return [_told(clock, history, reasons, now, zone) for clock in clocks]


def _reason(state: str, party: str) -> str:
    """What a wait that began with this state was for; clients read it too."""
    if state in waits.ENDED:
        return _("stood resolved")
    if party in Party.values:
        return _("waited for %(party)s") % {"party": Party(party).label}
    return ""


def _with(party: str) -> str:
    """Why it stood still in somebody's hands."""
    return _("with %(party)s") % {"party": Party(party).label} if party in Party.values else ""


def _told(
    clock: Clock,
    history: waits.History,
    reasons: Mapping[datetime, str],
    now: datetime,
    zone: str,
) -> Told:
    terms = terms_of(clock, now)
    found = explain(
        terms,
        now=now,
        due_at=clock.due_at,
        ended_at=clock.ended_at,
        paused=clock.state == ClockState.PAUSED,
        reasons=reasons,
    )
    shown = found.stretches
    left_out = max(0, len(shown) - MOST)
    if left_out:
        shown = (*shown[: MOST // 2], *shown[-MOST // 2 :])
    # while it stands still there is no due time to draw up to
    due = [] if clock.state == ClockState.PAUSED else [clock.due_at]
    last = max([*due, found.until, *[each.end for each in found.stretches[-1:]]])
    return Told(
        clock,
        found,
        shown,
        left_out,
        _blocks(found.stretches, clock.started_at, last, zone),
        _marks(clock, now, last, zone),
        _answer(clock, found, now, zone),
        hours_in_words(clock.hours),
        tuple(drifts(clock, history, now)),
    )


def _answer(clock: Clock, found: Explained, now: datetime, zone: str) -> str:
    """Why it is due then, or how it ended, in a sentence."""
    target, used = opening_time(clock.target_seconds), opening_time(found.used)
    # both in whole minutes, so that they add up
    left = found.left if found.used < 60 else clock.target_seconds - found.used // 60 * 60
    due = absolute(clock.due_at, zone, now)
    if clock.state == ClockState.PAUSED:
        return _("%(used)s of %(target)s are used up and %(left)s are left; it stands still, so there is no due time.") % {
            "used": used, "target": target, "left": opening_time(max(0, left)),
        }  # fmt: skip
    if clock.state == ClockState.CANCELLED:
        return _("It stopped counting after %(used)s of %(target)s: nothing is promised any more.") % {
            "used": used, "target": target,
        }  # fmt: skip
    if clock.state == ClockState.MET:
        words = {"used": used, "target": target, "when": absolute(clock.met_at or clock.due_at, zone, now)}
        if clock.breached_at is not None:
            return _("It was done at %(when)s after %(used)s, later than the %(target)s promised.") % words
        return _("It was done at %(when)s after %(used)s of %(target)s.") % words
    if found.left < 0:
        return _("%(target)s were used up at %(due)s; it is %(late)s late.") % {
            "target": target, "due": due, "late": opening_time(-found.left),
        }  # fmt: skip
    return _("%(used)s of %(target)s are used up; the %(left)s left end at %(due)s.") % {
        "used": used, "target": target, "left": opening_time(left), "due": due,
    }  # fmt: skip


def hours_in_words(stamped: Mapping[str, Any]) -> str:
    """When a clock's time counts: "around the clock", or its week with the zone."""
    hours = from_json(stamped)
    if stamped.get("always"):
        return _("around the clock")
    names = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
    days: list[tuple[str, str]] = []
    for name, frames in zip(names, hours.weekly, strict=True):
        if not frames:
            continue
        open_at = ", ".join(f"{_hands(opens)}–{_hands(closes)}" for opens, closes in frames)
        if (
            days
            and days[-1][1] == open_at
            and names.index(name) - names.index(days[-1][0].split("–")[-1]) == 1
        ):
            days[-1] = (f"{days[-1][0].split('–')[0]}–{name}", open_at)
        else:
            days.append((name, open_at))
    return "; ".join(f"{name} {open_at}" for name, open_at in days) + f" ({hours.zone})"


def _hands(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def _blocks(stretches: Sequence[Stretch], start: datetime, last: datetime, zone: str) -> tuple[Block, ...]:
    length = (last - start) / timedelta(seconds=1) or 1.0
    return tuple(
        Block(
            _percent((each.start - start) / timedelta(seconds=1) / length),
            _percent((each.end - each.start) / timedelta(seconds=1) / length),
            _CSS[each.kind],
            f"{_span(each, zone)}: {opening_time(each.seconds)} {each.reason or _WORDS[each.kind]}",
        )
        for each in stretches
    )


def _marks(clock: Clock, now: datetime, last: datetime, zone: str) -> tuple[Mark, ...]:
    length = (last - clock.started_at) / timedelta(seconds=1) or 1.0
    known = [
        (clock.warn_at if clock.state != ClockState.PAUSED else None, "why-warn", _("warns")),
        (clock.due_at if clock.state != ClockState.PAUSED else None, "why-due", _("due")),
        (clock.met_at, "why-met", _("done")),
        (now if clock.ended_at is None else None, "now-line", _("now")),
    ]
    return tuple(
        Mark(
            _percent((at - clock.started_at) / timedelta(seconds=1) / length),
            css,
            f"{word}: {absolute(at, zone, now)}",
        )
        for at, css, word in known
        if at is not None and clock.started_at <= at <= last
    )


def _span(each: Stretch, zone: str) -> str:
    start, end = to_local(each.start, zone), to_local(each.end, zone)
    day = date_format(start, "D j M")
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{date_format(end, 'D j M')} {end:%H:%M}"
    return f"{day} {start:%H:%M} – {until}"


def _percent(part: float) -> str:
    return f"{max(0.0, min(1.0, part)) * 100:.3f}%"
