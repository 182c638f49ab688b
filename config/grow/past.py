"""The rows of one ended incident. Pure: ids are given, nothing is asked."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from config.demo import words
from config.demo.plan import Past, draw
from config.demo.story import Crew, Line, alert_of, holders_of, lines_of, promise_of
from config.grow import tables as t
from config.grow.world import World

WEEK = timedelta(days=7)
# What a title may say besides, so that searches have rare words too.
_PLACES = ("eu-west-1b", "sa-east-1a", "af-south-1c", "ap-south-1a", "on-prem Bogotá", "on-prem Nairobi")
_KINDS = ("shard", "partition", "tenant", "store", "node", "replica", "batch", "release")
_SOURCES = ("portal", "portal", "api", "slack", "email")


class Maker:
    """Makes rows into a batch. `keep` is how long readings are kept: older ones have expired already."""

    def __init__(self, world: World, chance: random.Random, now: datetime, keep: timedelta) -> None:
        self.world = world
        self.chance = chance
        self.now = now
        self.keep = keep

    def ended(self, batch: t.Batch, opened: datetime, pk: int, alerts: list[int], run: int) -> None:
        """An incident that is over; opened earlier than asked where it would not have ended yet."""
        past = self.past(opened)
        suffix = self.suffix()
        crew = self._crew(past)
        note = self.chance.choice(words.ENDINGS[past.resolution]) if past.resolution else ""
        closed = past.closed if past.closed and past.closed < self.now else None
        lines = lines_of(past, crew, note, closed, self.chance)
        self._incident(batch, pk, past, suffix=suffix, crew=crew, note=note, closed=closed, last=lines[-1])
        for terms, hours in self.world.promises(past.slug, past.severity, past.opened.year):
            batch.add_fields(t.CLOCKS, (pk, hours), promise_of(past, terms))
        self.entries(batch, pk, lines)
        for party, starts, ends in holders_of(past):
            batch.add(t.HOLDERS, pk, party, self.world.teams.get(party), starts, ends)
        if past.acknowledged:
            batch.add(t.PARTICIPANTS, pk, crew[0].pk, "responder", past.acknowledged)
        if past.by_alert:
            for alert in alerts:
                self.alert(batch, alert, pk, past, suffix)
        self._run(batch, run, pk, past, crew)
        batch.incidents += 1

    def past(self, opened: datetime) -> Past:
        """What happened to an incident opened then, or a week or more earlier where it would not be over by now."""
        past = draw(self.chance, opened)
        while past.ended > self.now - timedelta(minutes=10):
            opened -= WEEK
            past = draw(self.chance, opened)
        if past.closed is None and not past.cancelled and past.ended < self.now - WEEK:
            past = replace(past, closed=past.ended + timedelta(hours=self.chance.uniform(60, 160)))
        return past

    def suffix(self) -> str:
        """What is added to a title, mostly nothing."""
        drawn = self.chance.random()
        if drawn < 0.6:
            return ""
        if drawn < 0.75:
            return f" in {self.chance.choice(_PLACES)}"
        return f" ({self.chance.choice(_KINDS)} {self.chance.randrange(1, 20_000)})"

    def entries(self, batch: t.Batch, pk: int, lines: list[Line]) -> None:
        """Lines of a timeline as rows."""
        for at, kind, text, who, client, data in lines:
            seen = "client" if client else "internal"
            by = ("person", who.pk, who.name) if who else ("system", None, "Mainstay")
            stamp = t.stamp(at)
            batch.add(t.ENTRIES, pk, kind, seen, stamp, stamp, *by, text, data)

    def alert(
        self, batch: t.Batch, pk: int, incident: int, past: Past, suffix: str, *, firing: bool = False
    ) -> None:
        """An alert of an incident, what changed of it, and its readings as far as they are kept."""
        service = self.world.services[past.slug].pk
        fields = alert_of(past)
        fields["title"] += suffix
        begun, over = fields["starts_at"], fields["ends_at"]
        since, until = t.stamp(begun), t.stamp(over)
        fields |= {"starts_at": since, "first_seen_at": since}
        fields |= dict.fromkeys(("ends_at", "event_at", "last_seen_at"), until)
        if firing:
            fields |= {"status": "firing", "ends_at": None}
        door = self.chance.choice(self.world.doors)
        batch.add_fields(t.ALERTS, (pk, door, f"grow-{pk}", service), fields)
        batch.add(t.CHANGES, pk, "fired", since, since, since, service)
        if not firing:
            batch.add(t.CHANGES, pk, "resolved", until, until, until, service)
        batch.add(t.LINKS, incident, pk, past.opened)
        if over > self.now - self.keep:
            self._readings(batch, pk, begun, over, firing=firing)

    def _readings(self, batch: t.Batch, alert: int, begun: datetime, over: datetime, *, firing: bool) -> None:
        count = self.chance.randint(2, 8)
        for place in range(count):
            at = begun + (over - begun) * (place / (count - 1))
            if at > self.now - self.keep:
                status = "firing" if firing or place < count - 1 else "resolved"
                batch.add(t.OCCURRENCES, alert, 0, status, at, at, at + self.keep)

    def _crew(self, past: Past) -> Crew:
        at = past.acknowledged or past.ended
        first = self.world.crew(at, "l1")
        return first, self.world.crew(at, "l2") if past.handed_to_l2 else first

    def _incident(
        self,
        batch: t.Batch,
        pk: int,
        past: Past,
        *,
        suffix: str,
        crew: Crew,
        note: str,
        closed: datetime | None,
        last: Line,
    ) -> None:
        chance = self.chance
        batch.add(
            t.INCIDENTS,
            pk,
            self.world.services[past.slug].pk,
            past.title + suffix,
            "cancelled" if past.cancelled else "closed" if closed else "resolved",
            past.severity,
            "alert" if past.by_alert else chance.choice(_SOURCES),
            crew[1].pk if past.acknowledged else None,
            "l2" if past.handed_to_l2 else "l1",
            "",
            "",
            past.resolution,
            note,
            past.opened - timedelta(seconds=chance.randint(20, 420)),
            past.opened - timedelta(seconds=chance.randint(0, 15)),
            past.acknowledged,
            past.mitigated,
            None if past.cancelled else past.ended,
            closed,
            past.opened,
            None,
            last.text[:200],
            last.at,
            self.world.search(pk, past.title, suffix, past.slug),
        )

    def _run(self, batch: t.Batch, run: int, incident: int, past: Past, crew: Crew) -> None:
        """The walk that ended when somebody acknowledged, and whom it had called by then."""
        policy = self.world.policies.get((past.slug, past.severity))
        if policy is None:
            return
        stop = past.acknowledged or past.ended
        at, called = past.opened + timedelta(seconds=1), 0
        for step, wait in enumerate(policy.waits[:2]):
            if at >= stop:
                break
            who, level = crew[step], ("L1", "L2")[step]
            batch.add(t.CALLS, run, 0, step, who.pk, "called", at, f"on call of {level} follow-the-sun")
            called, at = step + 1, at + timedelta(seconds=wait)
        reason = "acknowledged" if past.acknowledged else "cancelled"
        batch.add(
            t.RUNS, run, incident, "incident", policy.pk, policy.name, policy.terms, "stopped", called,
            past.opened, stop, reason,
        )  # fmt: skip
