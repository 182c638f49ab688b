"""A story that grows row by row: lines of a timeline and who held the work. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from incidents.choices import ENDED_STATES, EntryKind, State, Visibility
from incidents.types import PastLine, PastParty
from services.choices import Party


@dataclass(slots=True)
class Story:
    """Lines and holders so far. Times only move on: what a file tells as earlier happened at the last known time."""

    at: datetime
    lines: list[PastLine] = field(default_factory=list)
    parties: list[PastParty] = field(default_factory=list)

    def move_to(self, told: datetime) -> None:
        """Go on to the time that a row tells, never back."""
        self.at = max(self.at, told)

    def say(
        self,
        kind: EntryKind,
        text: str,
        who: str = "",
        *,
        shared: bool = False,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Add a line at the present time; `shared` ones may be read by the client."""
        seen = Visibility.CLIENT if shared else Visibility.INTERNAL
        self.lines.append(PastLine(kind, self.at, text, who, data or {}, seen))

    def held_by(self, holder: tuple[Party, str] | None) -> None:
        """From the present time on this party (and team) holds the work; None: nobody holds ended work."""
        last = self.parties[-1] if self.parties else None
        if last is not None and last.ends_at is None:
            if holder == (last.party, last.team):
                return
            self.parties[-1] = PastParty(last.party, last.team, last.starts_at, self.at)
        if holder is not None:
            self.parties.append(PastParty(*holder, self.at, None))


def is_ended(state: State) -> bool:
    """Whether nobody works on it any more."""
    return state in ENDED_STATES
