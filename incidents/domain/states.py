"""What each verb may do from each state. Pure: no database, no time."""

from dataclasses import dataclass

from core.errors import IllegalState
from incidents.choices import ENDED_STATES, OPEN_STATES, State

_OPEN = frozenset(OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Verb:
    """From `sources` it leads to `target`; in `settled` states it changes nothing and is fine.

    Not `by_state`: whether it is possible depends on more than the state, so it is never among the legal ones.
    """

    name: str
    label: str
    sources: frozenset[State]
    target: State | None
    settled: frozenset[State] = frozenset()
    by_state: bool = True


def _verb(
    name: str,
    label: str,
    sources: set[State] | frozenset[State],
    target: State | None,
    settled: set[State] | frozenset[State] = frozenset(),
    *,
    by_state: bool = True,
) -> Verb:
    return Verb(name, label, frozenset(sources), target, frozenset(settled), by_state)


VERBS = {
    verb.name: verb
    for verb in [
        _verb("acknowledge", "Acknowledge", {State.NEW}, State.ACKNOWLEDGED, _OPEN - {State.NEW}),
        _verb("assign", "Assign", _OPEN, None),
        _verb(
            "investigate",
            "Investigate",
            {State.NEW, State.ACKNOWLEDGED, State.MITIGATED, State.ON_HOLD},
            State.INVESTIGATING,
            {State.INVESTIGATING},
        ),
        _verb("hold", "Hold", _OPEN, State.ON_HOLD),
        _verb("resume", "Resume", {State.ON_HOLD}, State.INVESTIGATING, _OPEN - {State.ON_HOLD}),
        _verb("mitigate", "Mitigate", _OPEN - {State.MITIGATED}, State.MITIGATED, {State.MITIGATED}),
        _verb("resolve", "Resolve", _OPEN, State.RESOLVED, {State.RESOLVED}),
        _verb("close", "Close", {State.RESOLVED}, State.CLOSED, {State.CLOSED}),
        _verb("reopen", "Reopen", {State.RESOLVED, State.CLOSED}, State.INVESTIGATING, _OPEN),
        _verb("cancel", "Cancel", _OPEN, State.CANCELLED, {State.CANCELLED}),
        _verb("escalate", "Escalate", _OPEN, None),
        _verb("hand_off", "Hand on", _OPEN - {State.ON_HOLD}, None),
        # these three are about a hand-off that stands
        _verb("accept_hand_off", "Take over", _OPEN, None, by_state=False),
        _verb("bounce_hand_off", "Give back", _OPEN - {State.ON_HOLD}, None, by_state=False),
        _verb("take_back", "Take back", _OPEN - {State.ON_HOLD}, None, by_state=False),
        _verb("note", "Note", _OPEN | frozenset(ENDED_STATES), None),
        _verb("deliver", "Deliver", {State.RESOLVED, State.CLOSED}, None),
        _verb("link", "Attach a link", _OPEN | frozenset(ENDED_STATES), None),
        _verb("impact", "Impact", _OPEN | {State.RESOLVED, State.CLOSED}, None),
    ]
}


def would_change(verb_name: str, state: str) -> bool:
    """True when the verb leads somewhere, False when nothing would change.

    Raises IllegalState, with the verbs that are possible, when it can't be done from here.
    """
    verb = VERBS[verb_name]
    present = State(state)
    if present in verb.sources:
        return True
    if present in verb.settled:
        return False
    raise IllegalState(
        f"“{verb.label}” is not possible while the incident is {present.label.lower()}. "
        f"Possible now: {', '.join(legal(state))}.",
        extra={"state": state, "legal": legal(state)},
    )


def legal(state: str) -> list[str]:
    """Verbs that would do something from this state, the likely next one first."""
    present = State(state)
    order = _ORDER.get(present, [])
    possible = [name for name, verb in VERBS.items() if verb.by_state and present in verb.sources]
    return sorted(possible, key=lambda name: order.index(name) if name in order else len(order))


_ORDER = {
    State.NEW: ["acknowledge", "assign", "resolve", "hold", "escalate", "hand_off"],
    State.ACKNOWLEDGED: ["investigate", "mitigate", "resolve", "hold", "escalate", "hand_off", "assign"],
    State.INVESTIGATING: ["mitigate", "resolve", "hold", "escalate", "hand_off", "assign"],
    State.ON_HOLD: ["resume", "mitigate", "resolve", "escalate", "assign"],
    State.MITIGATED: ["resolve", "investigate", "hold", "escalate", "hand_off", "assign"],
    State.RESOLVED: ["close", "reopen"],
    State.CLOSED: ["reopen"],
}
