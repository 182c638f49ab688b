"""What a signed link may do without a sign-in, filled by every app's own `actions.py`, as nav is by `nav.py`.

`accounts` serves the page and checks the link; `notifications` puts the link into messages. Both know an
action's name only: what it is about and what it does is told by the app that registered it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.types import Actor, Words


@dataclass(frozen=True, slots=True)
class Sight:
    """A subject as one person sees it on the page of a link.

    `ref` is its human reference, `url` a path within the portal, `facts` are (label, words). `standing` says
    in a sentence how it stands; `is_open_to_do` whether the action would still change anything.
    """

    ref: str
    title: str
    url: str
    standing: str
    is_open_to_do: bool
    severity: str = ""
    facts: tuple[tuple[Words, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it. `did` is False where somebody was first or it was over: nothing was changed.

    `said` is a sentence to the person who pressed the button, `sight` the subject as it stands now.
    """

    did: bool
    said: str
    sight: Sight


class Action(Protocol):
    """One thing that a link may do. It acts for a person, with that person's rights, no more.

    `label` stands on the button, `offer` beside the link in a message.
    """

    label: Words
    offer: Words

    def look(self, ref: str, *, user: Any, now: datetime) -> Sight | None:
        """The subject as this person sees it; None where there is none, or it isn't theirs to see."""

    def may(self, user: Any) -> bool:
        """Whether this person's role may do it at all."""

    def do(self, ref: str, *, actor: Actor, now: datetime) -> Done | None:
        """Do it as `actor.user`, within the caller's transaction; again, it changes nothing and says so.

        None where there is no such subject for this person. Raises Refused where it can't be done.
        """


_actions: dict[str, Action] = {}


def register(name: str, action: Action) -> None:
    """Make an action known by its dotted name ("incident.acknowledge"); the same name replaces it."""
    _actions[name] = action


def unregister(name: str) -> None:
    """Forget an action; unknown ones are fine."""
    _actions.pop(name, None)


def action_of(name: str) -> Action | None:
    """The action of that name, or None where no app registered it."""
    return _actions.get(name)
