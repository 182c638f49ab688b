"""What the steps of one transaction do: kept here, then written at once, in as many statements for fifty runs as for one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from core.rowsets import update_rows
from notifications.domain import outbox
from notifications.domain.routes import Route
from notifications.types import Announcement
from rotas.choices import RunState
from rotas.domain.by_hand import terms_in
from rotas.domain.steps import Position
from rotas.models import Call, EscalationRun
from rotas.subjects import NOTICE, CallNote, Subject

# What a tick changes of a running run, with its type in the database.
_COLUMNS = {
    "id": "bigint", "state": "text", "step": "int", "round": "int", "next_at": "timestamptz", "failures": "int",
    "ended_at": "timestamptz", "end_reason": "text", "said": "json", "terms": "jsonb", "policy_id": "bigint",
    "policy_name": "text",
}  # fmt: skip
_CHANGE = """state = given.state, step = given.step, round = given.round, next_at = given.next_at,
    failures = given.failures, ended_at = given.ended_at, end_reason = given.end_reason, terms = given.terms,
    policy_id = given.policy_id, policy_name = given.policy_name,
    said = ARRAY(SELECT json_array_elements_text(given.said))"""


@dataclass(slots=True)
class Ledger:
    """Of runs of one kind, all locked and running. Nothing is written before `write`."""

    subject: Subject
    now: datetime
    _calls: list[Call] = field(default_factory=list)
    _notes: dict[int, list[CallNote]] = field(default_factory=dict)
    _events: list[tuple[Announcement, list[User]]] = field(default_factory=list)
    _ways: list[tuple[Announcement, User, Route]] = field(default_factory=list)
    _changed: dict[int, EscalationRun] = field(default_factory=dict)

    def call(self, calls: Iterable[Call]) -> None:
        """Rows of calls. (run, round, step, person) is unique: whoever comes second changes nothing."""
        self._calls += calls

    def note(self, run: EscalationRun, notes: Iterable[CallNote]) -> None:
        """Lines for the timeline of what the run is about."""
        self._notes.setdefault(run.subject_id, []).extend(notes)

    def announce(self, event: Announcement, people: Iterable[User]) -> None:
        """A message to people."""
        self._events.append((event, list(people)))

    def post(self, event: Announcement, user: User, route: Route) -> None:
        """A message by one way, whatever the rules of its person."""
        self._ways.append((event, user, route))

    def change(self, run: EscalationRun) -> None:
        """Something else of a run was changed."""
        self._changed[run.pk] = run

    def say(self, run: EscalationRun, remarks: Iterable[str]) -> None:
        """Tell the subject what has to be known, each remark once a run, and once more when it was set going again."""
        fresh = [remark for remark in dict.fromkeys(remarks) if remark not in run.said]
        if fresh:
            run.said = [*run.said, *fresh]
            self._changed[run.pk] = run
            self.note(run, [CallNote(NOTICE, remark, round=run.round + 1) for remark in fresh])

    def end(self, run: EscalationRun, state: RunState, reason: str) -> None:
        """Nothing more comes of it."""
        run.state, run.next_at, run.ended_at, run.end_reason = state, None, self.now, reason[:80]
        self._changed[run.pk] = run

    def stand_at(self, run: EscalationRun, at: Position) -> None:
        """A step was worked: the next one, and when. What went wrong before is forgotten."""
        run.terms = terms_in(run, at.round)
        run.step, run.round, run.next_at, run.failures = at.step, at.round, at.due, 0
        self._changed[run.pk] = run

    def write(self) -> None:
        """All of it, in the caller's transaction."""
        Call.objects.bulk_create(self._calls, ignore_conflicts=True)
        if self._events:
            outbox.announce_all(self._events, now=self.now)
        for event, user, route in self._ways:
            outbox.leave(event, [(user, route)], now=self.now)
        if self._notes:
            self.subject.called_all(self._notes, self.now)
        rows = [{name: getattr(run, name) for name in _COLUMNS} for run in self._changed.values()]
        update_rows("rotas_escalationrun", _COLUMNS, rows, change=_CHANGE, where="t.id = given.id")
