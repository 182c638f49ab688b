"""The rows of incidents that are open now: late, on hold, or armed. Pure: ids are given, nothing is asked.

None of them has anything due: a promise that still counts stands on hold, or was broken long ago. Only an armed
one has a clock with a next moment.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from config.demo import words
from config.demo.plan import Past
from config.demo.story import Line
from config.grow import tables as t
from config.grow.past import Maker
from config.grow.tables import Batch, Raw
from core import calendars
from services.types import Terms

STATES = {"new": 10, "acknowledged": 20, "investigating": 30, "on_hold": 25, "mitigated": 15}
HALF_DAY = timedelta(hours=12)
# An armed clock has been warned of already, so no more than this much of its time may be left.
LONGEST_ARMED = timedelta(hours=12)
_ARMED = ("fraud-scorer", "demand-forecast")  # counted around the clock, three days at SEV4
LONG_LINES, LONG_ALERTS = 2_000, 200


class Opener(Maker):
    """Makes open incidents into a batch."""

    def open(self, batch: Batch, opened: datetime, pk: int, alerts: list[int]) -> None:
        """An open incident; opened earlier than asked where a promise would still be to be kept."""
        state = self.chance.choices(list(STATES), list(STATES.values()))[0]
        past = self._late(opened, state)
        self._write(
            batch, past, state, self._told(past, state), pk=pk, alerts=alerts if past.by_alert else []
        )

    def long(self, batch: Batch, opened: datetime, pk: int, alerts: list[int]) -> None:
        """One with LONG_LINES lines and as many alerts as ids are given."""
        past = self._late(opened, "investigating")
        told = self._told(past, "investigating")
        begun, who, more = told[-1].at, told[-1].who, LONG_LINES - len(told)
        step = (self.now - timedelta(minutes=5) - begun) / more
        for n in range(1, more + 1):
            at = begun + step * n
            if n % 3:
                said = self.chance.choice([*words.FINDINGS, *words.STEPS])
                told.append(Line(at, "note", f"{said} ({n})", who, n % 10 == 1, {}))
            else:
                told.append(Line(at, "alert", f"{past.alert} fires again, reading {n}", None, False, {}))
        self._write(batch, past, "investigating", told, pk=pk, alerts=alerts)

    def armed(self, batch: Batch, due: datetime, pk: int) -> None:
        """One whose promise to resolve breaks at `due`, at most LONGEST_ARMED from now; it was warned of before."""
        slug = self.chance.choice(_ARMED)
        resolve = next(terms for terms, _ in self._promises(slug, "SEV4", due) if terms.kind == "resolve")
        severity, title, alert = words.TROUBLES[slug][-1]
        opened = due - timedelta(seconds=resolve.target_seconds)
        past = Past(
            slug=slug, severity=severity, title=title, alert=alert, opened=opened,
            acknowledged=opened + timedelta(minutes=20), mitigated=None, ended=self.now, closed=None,
            cancelled=False, by_alert=False, handed_to_l2=False, hold=None, resolution="",
        )  # fmt: skip
        told = self._told(past, "acknowledged")
        self._write(batch, past, "acknowledged", told, pk=pk, alerts=[], armed=True)

    def _promises(self, slug: str, severity: str, at: datetime) -> list[tuple[Terms, Raw]]:
        return self.world.promises(slug, severity, at.year)

    def _late(self, opened: datetime, state: str) -> Past:
        """A story opened then, or as much earlier as everything that counts needs to be late by now."""
        past = self.past(opened - timedelta(days=60))
        while past.acknowledged is None or past.cancelled:
            past = self.past(opened - timedelta(days=60))
        length = past.acknowledged - past.opened
        while True:
            taken = opened + length
            moved = replace(
                past, opened=opened, acknowledged=None if state == "new" else taken, hold=None, ended=self.now
            )
            if taken < self.now - timedelta(minutes=20) and self._all_late(moved, state):
                return moved
            opened -= HALF_DAY

    def _all_late(self, past: Past, state: str) -> bool:
        counting = [terms for terms, _hours in self._promises(past.slug, past.severity, past.opened)]
        if state != "new":
            counting = [terms for terms in counting if terms.kind == "resolve" and state != "on_hold"]
        return all(_due(terms, past.opened)[1] < self.now - timedelta(minutes=1) for terms in counting)

    def _told(self, past: Past, state: str) -> list[Line]:
        """Its timeline so far."""
        said = f"Incident opened as {past.severity}; 2 promises started"
        told = [Line(past.opened, "opened", said, None, True, {"severity": past.severity})]
        if past.acknowledged is None:
            return told
        who, at = self.world.crew(past.acknowledged, "l1"), past.acknowledged
        told.append(Line(at, "state", f"{who} acknowledged", who, True, {"state": "acknowledged"}))
        if state == "acknowledged":
            return told
        told.append(
            Line(at + timedelta(minutes=4), "note", self.chance.choice(words.FINDINGS), who, False, {})
        )
        at += timedelta(minutes=8)
        if state == "on_hold":
            said = f"On hold, waits for Client: {self.chance.choice(words.HOLDS)}"
            told.append(Line(at, "state", said, who, True, {"state": state, "party": "client"}))
        else:
            did = "mitigated it" if state == "mitigated" else "investigates"
            told.append(Line(at, "state", f"{who} {did}", who, True, {"state": state}))
        return told

    def _write(
        self,
        batch: Batch,
        past: Past,
        state: str,
        told: list[Line],
        *,
        pk: int,
        alerts: list[int],
        armed: bool = False,
    ) -> None:
        suffix, owner, last = self.suffix(), told[1].who if len(told) > 1 else None, told[-1]
        held = last.at if state == "on_hold" else None
        due = self._clocks(batch, pk, past, held, armed=armed)
        fields = {
            "title": past.title + suffix,
            "state": state,
            "severity": past.severity,
            "source": "alert" if alerts else "portal",
            "owner_id": owner.pk if owner else None,
            "party": "l1",
            "hold_party": "client" if held else "",
            "hold_reason": last.text.partition(": ")[2] if held else "",
            "resolution": "",
            "resolution_note": "",
            "started_at": past.opened - timedelta(minutes=3),
            "detected_at": past.opened,
            "acknowledged_at": past.acknowledged,
            "mitigated_at": last.at if state == "mitigated" else None,
            "opened_at": past.opened,
            "next_due_at": due,
            "last_entry": last.text[:200],
            "last_entry_at": last.at,
            "search": self.world.search(pk, past.title, suffix, past.slug),
        }
        batch.add_fields(t.INCIDENTS, (pk, self.world.services[past.slug].pk), fields)
        self.entries(batch, pk, told)
        if held:
            batch.add(t.HOLDERS, pk, "l1", self.world.teams["l1"], past.opened, held)
            batch.add(t.HOLDERS, pk, "client", None, held, None)
        else:
            batch.add(t.HOLDERS, pk, "l1", self.world.teams["l1"], past.opened, None)
        if owner:
            batch.add(t.PARTICIPANTS, pk, owner.pk, "responder", past.acknowledged)
        for alert in alerts:
            self.alert(batch, alert, pk, past, suffix, firing=True)
        batch.incidents += 1

    def _clocks(
        self, batch: Batch, pk: int, past: Past, held: datetime | None, *, armed: bool
    ) -> datetime | None:
        """The promises, kept, broken, paused or armed. Returns when the next one that counts is, or was, due."""
        counting = []
        for terms, hours in self._promises(past.slug, past.severity, past.opened):
            warn, due = _due(terms, past.opened)
            fields: dict[str, Any] = {
                "kind": terms.kind, "state": "running", "agreement_id": terms.agreement, "version": terms.version,
                "agreement_name": terms.agreement_name,
                "severity": past.severity, "target_seconds": terms.target_seconds,
                "warn_percent": terms.warn_percent, "pausable": terms.pausable, "started_at": past.opened,
                "due_at": due, "warn_at": warn, "pauses": [],
            }  # fmt: skip
            met = past.acknowledged if terms.kind == "acknowledge" else None
            until = met or held or self.now
            fields |= {
                "warned_at": warn if warn <= until else None,
                "breached_at": due if due <= until else None,
            }
            if met:
                fields |= {"state": "met", "met_at": met, "ended_at": met}
            elif held:
                left = terms.target_seconds - calendars.elapsed(terms.hours, past.opened, held)
                pauses = [[held.isoformat(), None]]
                fields |= {"state": "paused", "paused_at": held, "left_seconds": left, "pauses": pauses}
            else:
                counting.append(due)
                fields |= {"next_at": due if armed else None}
            batch.add_fields(t.CLOCKS, (pk, hours), fields)
        return min(counting, default=None)


def _due(terms: Terms, opened: datetime) -> tuple[datetime, datetime]:
    """When it is warned of and when it is due."""
    target = terms.target_seconds
    return (
        calendars.add(terms.hours, opened, target * terms.warn_percent // 100),
        calendars.add(terms.hours, opened, target),
    )
