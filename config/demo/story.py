"""What one incident of the history leaves, as plain values: promises, holders, lines, its alert. Pure.

`Who` is anything whose text is a person's name: an account, or what is known of one.
"""

import random
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from config.demo import words
from config.demo.plan import Past
from core import calendars
from core.intervals import Interval
from core.ui.words import duration
from incidents.choices import Resolution
from services.types import Terms

Who = Any
Crew = tuple[Who, Who]


class Line(NamedTuple):
    """One line of a timeline; `who` is None for Mainstay itself, `client` for lines that clients may read."""

    at: datetime
    kind: str
    text: str
    who: Who | None
    client: bool
    data: dict[str, Any]


def promise_of(past: Past, terms: Terms) -> dict[str, Any]:
    """The fields of an ended clock, but for its stamped hours: the due times that the calendar gives, a breach
    where it was late."""
    met = past.acknowledged if terms.kind == "acknowledge" else None if past.cancelled else past.ended
    ended = met or past.ended
    pauses: tuple[Interval[datetime], ...] = ()
    if past.hold and terms.pausable and past.hold[0] < ended:
        pauses = (Interval(*past.hold),)
    due = calendars.add(terms.hours, past.opened, terms.target_seconds, pauses)
    warn = calendars.add(terms.hours, past.opened, terms.target_seconds * terms.warn_percent // 100, pauses)
    return {
        "kind": terms.kind,
        "state": "met" if met else "cancelled",
        "agreement_id": terms.agreement,
        "version": terms.version,
        "agreement_name": terms.agreement_name,
        "severity": past.severity,
        "target_seconds": terms.target_seconds,
        "warn_percent": terms.warn_percent,
        "pausable": terms.pausable,
        "started_at": past.opened,
        "due_at": due,
        "warn_at": warn,
        "pauses": [[pause.start.isoformat(), pause.end.isoformat()] for pause in pauses],
        "warned_at": warn if warn <= ended else None,
        "breached_at": due if due <= ended else None,
        "met_at": met,
        "ended_at": ended,
    }


def holders_of(past: Past) -> list[tuple[str, datetime, datetime]]:
    """Which party held the work from when to when."""
    marks, after = [("l1", past.opened)], "l1"
    if past.handed_to_l2 and past.acknowledged:
        after = "l2"
        marks.append((after, past.acknowledged + timedelta(minutes=1)))
    if past.hold:
        marks += [("client", past.hold[0]), (after, past.hold[1])]
    ends = [starts for _party, starts in marks[1:]] + [past.ended]
    return [(party, starts, max(starts, stops)) for (party, starts), stops in zip(marks, ends, strict=True)]


def lines_of(past: Past, crew: Crew, note: str, closed: datetime | None, chance: random.Random) -> list[Line]:
    """The timeline, oldest line first. `note` is what was said at the end."""
    first, last = crew
    said: list[Line] = []

    def say(
        at: datetime, kind: str, text: str, who: Who | None = None, *, client: bool = False, **data: Any
    ) -> None:
        said.append(Line(at, kind, text, who, client, data))

    opened = f"Incident opened as {past.severity}; 2 promises started"
    say(past.opened, "opened", opened, client=True, severity=past.severity)
    say(past.opened + timedelta(seconds=1), "call", f"Called {first}, on call of L1 follow-the-sun")
    if past.acknowledged:
        say(past.acknowledged, "state", f"{first} acknowledged", first, client=True, state="acknowledged")
        if past.handed_to_l2 and last != first:
            say(past.acknowledged + timedelta(minutes=1), "party", f"Handed on from L1 to L2: {last}", first)
        if not past.cancelled:
            _work(past, crew, chance, say)
    if past.cancelled:
        reason = chance.choice(words.CANCELLED)
        say(past.ended, "state", f"{first} cancelled it", first, client=True, state="cancelled", note=reason)
    else:
        how = Resolution(past.resolution).label.lower()
        spent = duration((past.ended - past.opened).total_seconds())
        said_now = f"{last} resolved it as {how}, open for {spent}"
        say(past.ended, "state", said_now, last, client=True, state="resolved", note=note)
    if closed:
        say(closed, "state", f"{last} closed it", last, client=True, state="closed")
    said.sort(key=lambda line: line.at)
    return said


def _work(past: Past, crew: Crew, chance: random.Random, say: Any) -> None:
    """What was found, tried and told between taking it and ending it."""
    begun = past.acknowledged or past.opened
    span = past.ended - begun
    for share, text in zip((0.15, 0.3), chance.sample(words.FINDINGS, 2), strict=True):
        if chance.random() < 0.75:
            say(begun + span * share, "note", text, crew[share > 0.2])
    if past.hold:
        waits = f"On hold, waits for Client: {chance.choice(words.HOLDS)}"
        say(past.hold[0], "state", waits, crew[1], client=True, state="on_hold", party="client")
        say(past.hold[1], "state", f"{crew[1]} resumed work", crew[1], client=True, state="investigating")
    else:
        say(begun + span * 0.34, "note", chance.choice(words.STEPS), crew[1])
    if past.mitigated:
        say(past.mitigated, "state", f"{crew[1]} mitigated it", crew[1], client=True, state="mitigated")
    if past.severity in {"SEV1", "SEV2"}:
        say(begun + span * 0.1, "note", words.CLIENT_NOTES[0], crew[1], client=True)
        say(past.ended - span * 0.05, "note", words.CLIENT_NOTES[1], crew[1], client=True)


def alert_of(past: Past) -> dict[str, Any]:
    """The fields of the alert that opened it, resolved by now; whose it is and what it is called come from elsewhere."""
    begun = past.opened - timedelta(seconds=3)
    over = past.mitigated or past.ended - (past.ended - past.opened) * 0.08
    return {
        "status": "resolved",
        "severity": "critical" if past.severity in {"SEV1", "SEV2"} else "warning",
        "title": past.title,
        "labels": {
            "alertname": past.alert,
            "service": past.slug,
            "env": "production",
            "severity": past.severity.lower(),
        },
        "annotations": {"summary": past.title},
        "service_hint": past.slug,
        "starts_at": begun,
        "ends_at": over,
        "event_at": over,
        "first_seen_at": begun,
        "last_seen_at": over,
        "count": 2 + int((over - begun).total_seconds() // 300) % 40,
    }
