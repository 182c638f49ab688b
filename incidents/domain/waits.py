"""When promises stood still: on hold for somebody, in hands that stop them, or ended; from timeline and parties."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from core.intervals import Interval
from incidents.choices import EntryKind, State
from incidents.models import Clock, Entry, Incident, PartyInterval
from services.choices import AgreementKind, OnReopen, PromiseKind
from services.types import Terms

ENDED: Final = frozenset({State.RESOLVED, State.CLOSED})
# Promises that begin when an incident ends.
AFTERWARDS: Final = frozenset({PromiseKind.RCA, PromiseKind.ACTION})


@dataclass(frozen=True, slots=True)
class Stops:
    """What stops one promise: a hold (`pausable`), where `stops_for` names parties only one that waits for them, never one
    that waits for `provider`, who promised it; the hands of `stops_with`; and the states of `ended`, in which it was done."""

    pausable: bool
    stops_for: tuple[str, ...] = ()
    stops_with: tuple[str, ...] = ()
    provider: str = ""
    ended: frozenset[str] = ENDED

    def stands(self, state: str, hold_party: str, party: str) -> bool:
        """Whether it stands still in this state, waiting for that party, with the work in those hands."""
        if state == State.ON_HOLD and self._held(hold_party):
            return True
        return party in self.stops_with or state in self.ended

    def _held(self, hold_party: str) -> bool:
        if not self.pausable or (self.provider and hold_party == self.provider):
            return False
        return not self.stops_for or hold_party in self.stops_for


@dataclass(frozen=True, slots=True)
class History:
    """What happened to an incident, oldest first: its states, each with the instant (UTC) at which it began and whom it waits
    for; and who had the work, from when to when (None: still)."""

    states: tuple[tuple[datetime, str, str], ...] = ()
    hands: tuple[tuple[datetime, datetime | None, str], ...] = ()


def stops_of(clock: Clock) -> Stops:
    """What stops a clock, by the terms that it began with."""
    return Stops(
        pausable=clock.pausable,
        stops_for=tuple(clock.stops_for),
        stops_with=tuple(clock.stops_with),
        provider="" if clock.basis == AgreementKind.SLA else clock.provider,
        ended=_ended(clock.kind, clock.on_reopen),
    )


def stops_of_terms(terms: Terms) -> Stops:
    """What stops a promise that these terms make."""
    return Stops(
        pausable=terms.pausable,
        stops_for=terms.stops_for,
        stops_with=terms.stops_with,
        provider="" if terms.basis == AgreementKind.SLA else terms.provider,
        ended=_ended(terms.kind, terms.on_reopen),
    )


def _ended(kind: str, on_reopen: str) -> frozenset[str]:
    """The states in which what was promised was done, and that time doesn't count should it have to be done again."""
    if kind in AFTERWARDS:
        return frozenset()
    over = frozenset() if on_reopen == OnReopen.CONTINUE else ENDED
    return over | {State.MITIGATED} if kind == PromiseKind.MITIGATE else over


def of(incident: Incident, now: datetime, stops: Stops) -> list[Interval[datetime]]:
    """When it stood still up to `now`; oldest first."""
    return between(histories([incident.pk])[incident.pk], now, stops)


def histories_of(clocks: Iterable[Clock]) -> dict[int, History]:
    """What happened to the incidents of these clocks, as far as it can have stopped them. One query, two where hands stop one."""
    every = list(clocks)
    return histories({each.incident_id for each in every}, with_hands=any(each.stops_with for each in every))


def histories(incidents: Collection[int], *, with_hands: bool = True) -> dict[int, History]:
    """What happened to incidents, by their keys; who had the work where asked for. One query each."""
    states: dict[int, list[tuple[datetime, str, str]]] = {pk: [] for pk in incidents}
    for pk, at, data in lines_of(incidents).values_list("incident", "recorded_at", "data"):
        states[pk].append((at, data["state"], data.get("party", "")))
    hands: dict[int, list[tuple[datetime, datetime | None, str]]] = {pk: [] for pk in incidents}
    if with_hands:
        held = PartyInterval.objects.filter(incident__in=incidents).order_by("incident", "starts_at", "pk")
        for pk, start, end, party in held.values_list("incident", "starts_at", "ends_at", "party"):
            hands[pk].append((start, end, party))
    return {pk: History(tuple(states[pk]), tuple(hands[pk])) for pk in incidents}


def lines_of(incidents: Collection[int]) -> QuerySet[Entry]:
    """The lines of timelines that begin a state, by incident, oldest first."""
    lines = Entry.objects.filter(incident__in=incidents, kind=EntryKind.STATE, data__has_key="state")
    return lines.order_by("incident", "recorded_at", "pk")


def between(history: History, now: datetime, stops: Stops) -> list[Interval[datetime]]:
    """The stretches up to `now` in which it stood still; those that touch are one. Pure."""
    found = []
    for index, (at, state, hold_party) in enumerate(history.states):
        until = history.states[index + 1][0] if index + 1 < len(history.states) else now
        if stops.stands(state, hold_party, ""):
            found.append((at, min(until, now)))
    for start, end, party in history.hands:
        if party in stops.stops_with:
            found.append((start, min(end or now, now)))
    return _joined(found)


def _joined(found: Iterable[tuple[datetime, datetime]]) -> list[Interval[datetime]]:
    joined: list[Interval[datetime]] = []
    for start, end in sorted(found):
        if end <= start:
            continue
        if joined and start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, end))
        else:
            joined.append(Interval(start, end))
    return joined
