"""What a run of calls is about. `rotas` knows a kind and a key; the app that owns the kind registers here.

An app brings an `escalation.py` that calls `register("incident", subject)`; it is found at start-up.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Brief:
    """What a person who is called must know, and whether calling still makes sense.

    `ref` is the human reference ("INC-1042"), `url` a path within the portal, `body` some lines of plain text
    (which service, whose, what was seen), `opened_at` since when it waits. `team_lead_id` is the lead of the
    team that owns the matter: called where a step finds nobody and the policy names no fallback. `action`
    names what a signed link in the message may do about it (core.actions; "incident.acknowledge"), "" nothing. `remarks`
    are sentences about what has become of it that whoever reads the timeline must know; each is said once a run.
    `owner_id` is who works on it.
    """

    ref: str
    title: str
    url: str
    severity: str
    still_open: bool
    body: str = ""
    opened_at: datetime | None = None
    team_lead_id: int | None = None
    action: str = ""
    remarks: tuple[str, ...] = ()
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class SupportHours:
    """Whether somebody supports it now, and when that begins next where nobody does."""

    is_open: bool
    opens_at: datetime | None = None


NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class CallNote:
    """One thing that a step did, for the timeline. `text` is a whole sentence.

    `outcome` is a `CallOutcome`, or `NOTICE` for what is only to be known.

    `step` and `round` count from 1; a step put in by hand is 0. `steps` is how many the policy has. `user_id` is whom it
    called, None where nobody was.
    """

    outcome: str
    text: str
    user_id: int | None = None
    why: str = ""
    step: int = 0
    steps: int = 0
    round: int = 1


class Subject(Protocol):
    """How the escalation engine speaks with the owner of a kind.

    The tick asks for many at once; what an owner doesn't answer for many is asked one by one.
    """

    def lock(self, subject_id: int) -> bool:
        """Lock the row `FOR NO KEY UPDATE SKIP LOCKED`; False where it is gone, or busy until later."""

    def exists(self, subject_id: int) -> bool:
        """Whether there is such a row at all; takes no lock."""

    def brief(self, subject_id: int) -> Brief:
        """The subject as it stands."""

    def called(self, subject_id: int, notes: Sequence[CallNote], now: datetime) -> None:
        """Write on the subject's timeline whom a step called, or that it found nobody. Same transaction."""

    def lock_free(self, subject_ids: Collection[int]) -> set[int]:
        """Those that `lock` locks, in one order."""
        return {key for key in sorted(subject_ids) if self.lock(key)}

    def existing(self, subject_ids: Collection[int]) -> set[int]:
        """Those that exist."""
        return {key for key in subject_ids if self.exists(key)}

    def briefs(self, subject_ids: Collection[int]) -> dict[int, Brief]:
        """`brief` by key. All of them exist."""
        return {key: self.brief(key) for key in subject_ids}

    def hours(self, subject_ids: Collection[int], now: datetime) -> dict[int, SupportHours]:
        """The support hours of those that have any, by key."""
        return {}

    def alerts(self, subject_id: int, since: datetime) -> int:
        """How many of its alerts fired since then."""
        return 0

    def quiet_since(self, subject_id: int) -> datetime | None:
        """When somebody last did something about it; None where nobody is waited for now (it is on hold, or over)."""
        return None

    def called_all(self, notes: Mapping[int, Sequence[CallNote]], now: datetime) -> None:
        """`called` for many, by key."""
        for key, those in notes.items():
            self.called(key, those, now)


_subjects: dict[str, Subject] = {}


def register(kind: str, subject: Subject) -> None:
    """Make a kind known; the same kind again replaces it."""
    _subjects[kind] = subject


def unregister(kind: str) -> None:
    """Forget a kind; unknown ones are fine."""
    _subjects.pop(kind, None)


def kinds() -> list[str]:
    """The kinds that are known to this process."""
    return sorted(_subjects)


def subject_of(kind: str) -> Subject:
    """The owner of a kind. Raises LookupError where no app registered it."""
    try:
        return _subjects[kind]
    except KeyError:
        raise LookupError(f"No app has registered the escalation subject {kind!r}.") from None
