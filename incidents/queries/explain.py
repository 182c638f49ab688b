"""The promises of one incident with their reasons: for the page that explains them, and for the API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from core.types import Words
from core.ui.amounts import opening_time
from core.ui.words import absolute
from incidents.choices import ClockState, CorrectionState
from incidents.domain import waits
from incidents.domain.replay import Drift, drifts
from incidents.domain.stamping import rungs_of, terms_of
from incidents.domain.told import length_of, name_of
from incidents.models import Clock, ClockCorrection, Incident
from incidents.queries.bars import to_client
from services.choices import Party
from services.domain import promise
from services.domain.explaining import Explained, Stretch, explain
from services.queries.hours import from_json
from services.queries.strips import WORDS, Block, Mark, blocks, marks
from services.queries.words import rung_words

# More stretches than that are told in short: the first, and the last.
MOST: Final = 60


class EarlierHours(NamedTuple):
    """Up to an instant it was counted by other hours."""

    until: datetime
    hours: str


class LadderRung(NamedTuple):
    """A rung of the ladder: when it comes, None while the promise stands still or is over; and whether it was climbed."""

    at: datetime | None
    words: str
    done: bool


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
    name: str
    promised: str
    terms_url: str
    ladder: tuple[LadderRung, ...]
    legs: tuple[EarlierHours, ...]
    corrections: tuple[ClockCorrection, ...]

    @property
    def has_correction(self) -> bool:
        """Whether one waits for a decision or counts."""
        return any(each.state != CorrectionState.REFUSED for each in self.corrections)

    @property
    def rows(self) -> list[tuple[Stretch, Words]]:
        """Each stretch shown, with its word."""
        return [(each, WORDS[each.kind]) for each in self.stretches]


def explained(incident: Incident, now: datetime, zone: str, *, inside: bool) -> list[Told]:
    """The promises of an incident, those to the client for whoever isn't `inside`; what counts first, then by time.

    `zone` is the reader's. Two queries, one more where hands stop one, three where
    a breach is to be corrected.
    """
    known = incident.clocks.select_related("agreement")
    clocks = sorted(
        known if inside else to_client(known),
        key=lambda clock: (
            clock.state not in {ClockState.RUNNING, ClockState.PAUSED},
            clock.kind,
            -clock.cycle,
        ),
    )
    broken = [clock for clock in clocks if clock.breached_at]
    if broken:
        prefetch_related_objects(broken, "corrections__asked_by", "corrections__decided_by")
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
        blocks(found.stretches, clock.started_at, last, zone),
        _marks(clock, now, last, zone),
        _answer(clock, found, now, zone),
        hours_in_words(clock.hours),
        tuple(drifts(clock, history, now)),
        name_of(clock),
        length_of(clock),
        _terms_url(clock),
        tuple(_ladder(clock, terms)),
        tuple(
            EarlierHours(datetime.fromisoformat(until), hours_in_words(hours)) for until, hours in clock.legs
        ),
        tuple(clock.corrections.all()) if clock.breached_at else (),
    )


def _terms_url(clock: Clock) -> str:
    agreement = clock.agreement
    return (
        ""
        if agreement is None
        else f"{reverse('services:agreement', args=[agreement.slug])}?version={clock.version}"
    )


def _ladder(clock: Clock, terms: promise.Terms) -> Iterator[LadderRung]:
    """The rungs in the order of the terms."""
    for place, rung in enumerate(rungs_of(clock)):
        done = place in clock.rungs_done
        at = promise.rung_at(terms, rung) if clock.state == ClockState.RUNNING else None
        yield LadderRung(at, rung_words(rung), done)


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


def _marks(clock: Clock, now: datetime, last: datetime, zone: str) -> tuple[Mark, ...]:
    counts = clock.state != ClockState.PAUSED
    known = [
        (clock.warn_at if counts else None, "why-warn", _("warns")),
        (clock.due_at if counts else None, "why-due", _("due")),
        (clock.met_at, "why-met", _("done")),
        (now if clock.ended_at is None else None, "now-line", _("now")),
    ]
    return marks(known, clock.started_at, last, now, zone)
