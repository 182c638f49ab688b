"""One row of any CSV as an incident, by a mapping. Pure; docs/import.md is its reference."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.choices import ENDED_STATES, EntryKind, Resolution, State
from incidents.types import Past
from integrations.sources.mapping import CHOICES, TIMES, ColumnMap, meaning
from integrations.sources.story import Story
from integrations.sources.values import count, slug_of
from integrations.types import Found, Named, Rejected, Row
from services.choices import Party, Severity

_STEPS = (
    ("acknowledged_at", State.ACKNOWLEDGED, "Acknowledged"),
    ("mitigated_at", State.MITIGATED, "Mitigated"),
    ("resolved_at", State.RESOLVED, "Resolved"),
    ("closed_at", State.CLOSED, "Closed"),
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """See integrations.types.Source. `team_party` is what a team that must be made stands for."""

    mapping: ColumnMap
    matrix: Mapping[tuple[str, str], Severity]
    team_party: Party
    when: Callable[[str], datetime]

    def key(self, row: Row) -> str:
        self._read(row)
        return self._text(row, "key")

    def found(self, rows: Sequence[Row]) -> Found:
        """The first row of a key; the import rejects further ones."""
        return self._read(rows[0])

    def _read(self, row: Row) -> Found:
        key, title, service = (self._needed(row, name) for name in ("key", "title", "service"))
        if len(key) > 100:
            raise Rejected("key has more than 100 characters")
        told = {name: self._choice(row, name) for name in CHOICES}
        times = {name: self._time(row, name) for name in TIMES}
        past = self._past(row, title, service, told, times)
        team = self._team(row)
        return Found(past, self._named(service), (team,) if team else ())

    def _past(
        self,
        row: Row,
        title: str,
        service: str,
        told: Mapping[str, str],
        times: Mapping[str, datetime | None],
    ) -> Past:
        if not told["state"]:
            raise Rejected("state is not known")
        state, opened_at = State(told["state"]), times["opened_at"]
        severity = told["severity"] or self.matrix.get((told["impact"], told["urgency"]))
        if severity is None:
            raise Rejected("severity is not known, nor impact and urgency")
        if opened_at is None:
            raise Rejected("opened_at is not known")
        waits_for = Party(told["hold_party"]) if state == State.ON_HOLD and told["hold_party"] else None
        if state == State.ON_HOLD and waits_for is None:
            raise Rejected("it is on hold and hold_party is not known")
        ended = state in ENDED_STATES
        _follow(times, opened_at)
        reached = {
            name: at
            for name, at in times.items()
            if ended or name not in {"resolved_at", "closed_at"}  # what is open again has neither
        }
        story = self._story(
            row, state=state, severity=severity, waits_for=waits_for, opened_at=opened_at, times=reached
        )
        over = state in {State.RESOLVED, State.CLOSED}
        return Past(
            service=self._named(service).slug,
            title=" ".join(title.split())[:200],
            state=state,
            severity=severity,
            opened_at=opened_at,
            lines=tuple(story.lines),
            parties=tuple(story.parties),
            summary=self._summary(row),
            impact=told["impact"],
            urgency=told["urgency"],
            severity_reason=self._reason(told, severity),
            owner=self._text(row, "owner").lower(),
            hold_party=waits_for,
            hold_reason=self._text(row, "hold_reason")[:300] if waits_for else "",
            resolution=Resolution(told["resolution"] or Resolution.NOT_RECORDED) if over else None,
            resolution_note=self._text(row, "resolution_note") if over else "",
            started_at=times["started_at"],
            detected_at=times["detected_at"],
            acknowledged_at=reached["acknowledged_at"],
            mitigated_at=reached["mitigated_at"],
            resolved_at=reached.get("resolved_at"),
            closed_at=reached.get("closed_at") if state == State.CLOSED else None,
            reopened_count=self._count(row, "reopened_count"),
        )

    def _story(
        self,
        row: Row,
        *,
        state: State,
        severity: str,
        waits_for: Party | None,
        opened_at: datetime,
        times: Mapping[str, datetime | None],
    ) -> Story:
        story = Story(opened_at)
        key, system = self._text(row, "key"), self.mapping.system
        told = {
            name: row.cells[name] for name in self.mapping.details if not self._is_unknown(row.cells[name])
        }
        data = {"severity": severity, "source": "import", "system": system, "number": key, "details": told}
        story.say(
            EntryKind.OPENED,
            f"Incident opened as {severity} in {system}, number {key}",
            shared=True,
            data=data,
        )
        story.held_by(self._holder(row))
        last = State.NEW
        for name, step, words in _STEPS:
            at = times.get(name)
            if at is None or (step == State.CLOSED and state != State.CLOSED):
                continue
            story.move_to(at)
            story.say(EntryKind.STATE, words, shared=True, data={"state": step})
            last = step
            if step in ENDED_STATES:
                story.held_by(None)
        if last != state:
            held = {"party": waits_for} if waits_for else {}
            words = f"Last known state in {system}: {state.label}"
            if waits_for:
                words += f", waits for {waits_for.label}"
            story.say(EntryKind.STATE, words, shared=True, data={"state": state, **held})
        if waits_for:
            story.held_by((waits_for, ""))
        elif state in ENDED_STATES:
            story.held_by(None)
        return story

    def _holder(self, row: Row) -> tuple[Party, str]:
        team, party = self._team(row), self._choice(row, "party")
        if party:
            return Party(party), team.slug if team else ""
        return (self.team_party, team.slug) if team else (Party.L1, "")

    def _reason(self, told: Mapping[str, str], severity: str) -> str:
        by_matrix = self.matrix.get((told["impact"], told["urgency"]), severity)
        return f"As in {self.mapping.system}" if by_matrix != severity else ""

    def _summary(self, row: Row) -> str:
        told = [
            f"{name}: {row.cells[name]}"
            for name in self.mapping.details
            if not self._is_unknown(row.cells[name])
        ]
        number = f"Number {self._text(row, 'key')} in {self.mapping.system}"
        return "\n".join([*filter(None, [self._text(row, "summary")]), number, *told])

    def _named(self, text: str) -> Named:
        """A service by the slug or the name that it has here, or by the name from which one is made."""
        return Named(slug_of(text), text[:120])

    def _team(self, row: Row) -> Named | None:
        text = self._text(row, "team")
        return Named(slug_of(text), text[:80]) if text else None

    def _needed(self, row: Row, name: str) -> str:
        text = self._text(row, name)
        if not text:
            raise Rejected(f"{name} is empty")
        return text

    def _text(self, row: Row, name: str) -> str:
        text = row.cells[self.mapping.columns[name]] if name in self.mapping.columns else ""
        if self._is_unknown(text):
            return self.mapping.defaults.get(name, "")
        words = self.mapping.values.get(name)
        return words.get(" ".join(text.split()).casefold(), text) if words else text

    def _choice(self, row: Row, name: str) -> str:
        text = row.cells[self.mapping.columns[name]] if name in self.mapping.columns else ""
        if self._is_unknown(text):
            return self.mapping.defaults.get(name, "")
        found = meaning(self.mapping, name, text)
        if found is None:
            raise Rejected(f"{name} is “{text[:40]}”, which the mapping gives no meaning")
        return found

    def _time(self, row: Row, name: str) -> datetime | None:
        text = row.cells[self.mapping.columns[name]] if name in self.mapping.columns else ""
        if self._is_unknown(text):
            return None
        try:
            return self.when(text)
        except Rejected as error:
            raise Rejected(f"{name}: {error}") from None

    def _count(self, row: Row, name: str) -> int:
        text = self._text(row, name)
        return count(text, name, 32_767) if text else 0

    def _is_unknown(self, text: str) -> bool:
        return text in self.mapping.unknown


def _follow(times: Mapping[str, datetime | None], opened_at: datetime) -> None:
    """Raises Rejected where something ended before it began."""
    last, name_of_last = opened_at, "opened_at"
    for name, _state, _words in _STEPS:
        at = times[name]
        if at is not None and at < last:
            raise Rejected(f"{name} lies before {name_of_last}")
        last, name_of_last = (at, name) if at is not None else (last, name_of_last)
    for name in ("started_at", "detected_at"):
        at = times[name]
        if at is not None and at > opened_at:
            raise Rejected(f"{name} lies after opened_at")
