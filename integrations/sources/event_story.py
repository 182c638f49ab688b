"""All updates of one incident of an event log as its history. Pure; docs/import.md says what is taken over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incidents.choices import EntryKind, Resolution, State
from incidents.types import Past, PastLine
from integrations.sources.event_log import Event, event_of, facts_of, in_order
from integrations.sources.story import Story, is_ended
from integrations.sources.values import labelled, slug_of
from integrations.types import Found, Named, Rejected, Row
from services.choices import Party, Severity

WORKED_ON = (State.INVESTIGATING, State.ON_HOLD, State.RESOLVED)
_DESK = (Party.L1, "")
_WORDS = {
    State.NEW: "set it back to new",
    State.INVESTIGATING: "investigates",
    State.RESOLVED: "resolved it",
    State.CLOSED: "closed it",
}
_BARE = {
    State.NEW: "Back to new",
    State.INVESTIGATING: "Being investigated",
    State.RESOLVED: "Resolved",
    State.CLOSED: "Closed",
}


_SAID = {
    "caller_id": "Caller",
    "location": "Location",
    "contact_type": "Reported by",
    "opened_by": "Opened by",
    "cmdb_ci": "Configuration item",
    "problem_id": "Problem",
    "rfc": "Change",
    "caused_by": "Caused by change",
    "vendor": "Vendor",
    "closed_code": "Closed code",
    "made_sla": "Made its SLA",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How a log is taken over. `system` names it in words, `client` (a slug) begins the slugs of what is made."""

    system: str
    client: str
    team_party: Party
    matrix: Mapping[tuple[str, str], Severity]
    when: Callable[[str], datetime]


@dataclass(frozen=True, slots=True)
class EventLog:
    """See integrations.types.Source."""

    terms: Terms

    def key(self, row: Row) -> str:
        return event_of(row, self.terms.when).number

    def found(self, rows: Sequence[Row]) -> Found:
        return _Told([event_of(row, self.terms.when) for row in rows], self.terms).found()


class _Told:
    """What is known after each update. An unknown value leaves the last known one: `?` is not a change."""

    def __init__(self, events: Sequence[Event], terms: Terms) -> None:
        self.events = in_order(events)
        self.terms = terms
        self.opened_at = self.events[0].opened_at
        self.story = Story(self.opened_at)
        self.state, self.said = State.NEW, "New"
        self.waits_for: Party | None = None
        self.group = self.owner = self.category = ""
        self.groups: dict[str, Named] = {}
        self.severity: Severity | None = None
        self.impact = self.urgency = ""
        self.reopened = 0
        self.acknowledged_at: datetime | None = None
        self.facts = facts_of(self.events)
        self.resolved_at, self.closed_at = self._ends()

    def found(self) -> Found:
        self._open()
        for event in self.events:
            self.story.move_to(event.at)
            who = _agent(event.by)
            self._move(event, who)
            self._hand_on(event, who)
            self._judge(event, who)
            self._turn(event, who)
            self.story.held_by(self._holder())
        return Found(self._past(), self._service(), tuple(self.groups.values()))

    def _ends(self) -> tuple[datetime | None, datetime | None]:
        """When it was resolved and closed by its last update. A time before the one that it must follow is not known;
        what the log says is kept among the facts."""
        last, before = self.events[-1], self.opened_at
        told = {"resolved_at": last.resolved_at, "closed_at": last.closed_at}
        for name, at in told.items():
            if at is not None and at < before:
                self.facts[name], told[name] = last.cells[name], None
            else:
                before = at or before
        return told["resolved_at"], told["closed_at"]

    def _open(self) -> None:
        first = self.events[0]
        self.severity = first.severity or self._matrix(first)
        if self.severity is None:
            known = (event.severity or self._matrix(event) for event in self.events)
            self.severity = next(filter(None, known), None)
        if self.severity is None:
            raise Rejected("no row of it has a priority, or impact and urgency")
        self.impact, self.urgency = first.impact or "", first.urgency or ""
        self.group, self.category = first.group, first.category
        if first.group:
            self._name(first.group)
        data = {"severity": self.severity, "impact": self.impact, "urgency": self.urgency, "source": "import"}
        words = f"Incident opened as {self.severity} in {self.terms.system}, number {first.number}"
        self.story.say(EntryKind.OPENED, words, shared=True, data=data)
        self.story.held_by(self._holder())

    def _move(self, event: Event, who: str) -> None:
        if event.category and event.category != self.category:
            if self.category:
                old, new = labelled("Category", self.category), labelled("Category", event.category)
                self.story.say(EntryKind.EDIT, _by(who, f"moved it from {old} to {new}"), who)
            self.category = event.category

    def _hand_on(self, event: Event, who: str) -> None:
        if event.group and event.group != self.group:
            team = self._name(event.group)
            data = {"party": self.terms.team_party, "team": team.slug}
            self.story.say(EntryKind.PARTY, _by(who, f"handed it on to {team.name}"), who, data=data)
            self.group = event.group
        if event.assigned_to and event.assigned_to != self.owner:
            agent = _agent(event.assigned_to)
            words = f"{who} took it" if agent == who else _by(who, f"gave it to {agent}")
            self.story.say(EntryKind.OWNER, words, who, data={"owner": None, "name": agent})
            self.owner = event.assigned_to

    def _judge(self, event: Event, who: str) -> None:
        severity = event.severity or self.severity
        self.impact, self.urgency = event.impact or self.impact, event.urgency or self.urgency
        if severity != self.severity:
            words = _by(who, f"made it {severity}, before {self.severity}")
            self.story.say(EntryKind.SEVERITY, words, who, data={"severity": severity})
            self.severity = severity

    def _turn(self, event: Event, who: str) -> None:
        """The state, and that it was reopened."""
        again = is_ended(self.state) and not is_ended(event.state)
        counted = event.reopened > self.reopened
        self.reopened = max(self.reopened, event.reopened)
        changed = event.said != self.said
        if changed:
            self.state, self.said, self.waits_for = event.state, event.said, event.waits_for
        if event.state in WORKED_ON and self.acknowledged_at is None:
            self.acknowledged_at = self.story.at
        data: dict[str, Any] = {"state": self.state, **({"party": self.waits_for} if self.waits_for else {})}
        if again or counted:
            often = {"reopened": self.reopened} if counted else {}
            self.story.say(EntryKind.STATE, _by(who, "reopened it"), who, shared=True, data=data | often)
        if changed and not (again and self.state == State.INVESTIGATING):
            self.story.say(EntryKind.STATE, self._state_words(who), who, shared=True, data=data)

    def _state_words(self, who: str) -> str:
        if self.waits_for:
            return f"On hold, waits for {self.waits_for.label}: {self.said}"
        return f"{who} {_WORDS[self.state]}" if who else _BARE[self.state]

    def _holder(self) -> tuple[Party, str] | None:
        if is_ended(self.state):
            return None
        if self.waits_for:
            return self.waits_for, ""
        return (self.terms.team_party, self.groups[self.group].slug) if self.group else _DESK

    def _name(self, group: str) -> Named:
        if group not in self.groups:
            slug = slug_of(self.terms.client, "group", group)
            self.groups[group] = Named(slug, labelled("Group", group)[:80])
        return self.groups[group]

    def _service(self) -> Named:
        slug = slug_of(self.terms.client, "category", self.category or "unknown")
        name = labelled("Category", self.category) if self.category else "Category not known"
        return Named(slug, name[:120])

    def _matrix(self, event: Event) -> Severity | None:
        return self.terms.matrix.get((event.impact or "", event.urgency or ""))

    def _past(self) -> Past:
        assert self.severity is not None  # noqa: S101 - _open saw to it
        last = self.events[-1]
        ended = is_ended(self.state)
        differs = self.terms.matrix.get((self.impact, self.urgency), self.severity) != self.severity
        return Past(
            service=self._service().slug,
            title=self._title(),
            state=self.state,
            severity=self.severity,
            opened_at=self.opened_at,
            lines=(self._opening(last.number), *self.story.lines[1:]),
            parties=tuple(self.story.parties),
            summary=self._summary(last.number),
            impact=self.impact,
            urgency=self.urgency,
            severity_reason=f"As in {self.terms.system}" if differs else "",
            hold_party=self.waits_for,
            hold_reason=self.said if self.waits_for else "",
            resolution=Resolution.NOT_RECORDED if ended else None,
            resolution_note=self._ending() if ended else "",
            acknowledged_at=self.acknowledged_at,
            resolved_at=self.resolved_at if ended else None,
            closed_at=self.closed_at if self.state == State.CLOSED else None,
            reopened_count=self.reopened,
        )

    def _opening(self, number: str) -> PastLine:
        """The first line, now with all that the log says beside the history."""
        line = self.story.lines[0]
        told = {"system": self.terms.system, "number": number, "log": dict(sorted(self.facts.items()))}
        return replace(line, data={**line.data, **told})

    def _title(self) -> str:
        parts = [labelled("Category", self.category) if self.category else "Category not known"]
        named = (("subcategory", "subcategory"), ("u_symptom", "symptom"))
        parts += [labelled(label, self.facts[name]) for name, label in named if name in self.facts]
        return ", ".join(parts)[:200]

    def _summary(self, number: str) -> str:
        told = [f"{label}: {self.facts[name]}" for name, label in _SAID.items() if name in self.facts]
        return "\n".join([f"Number {number} in {self.terms.system}", *told])

    def _ending(self) -> str:
        code, by = self.facts.get("closed_code", ""), self.facts.get("resolved_by", "")
        told = [f"Closed code {code}" if code else "", f"resolved by {_agent(by)}" if by else ""]
        return ", ".join(filter(None, told))


def _agent(name: str) -> str:
    return labelled("Agent", name)[:160] if name else ""


def _by(who: str, what: str) -> str:
    return f"{who} {what}" if who else what[0].upper() + what[1:]
