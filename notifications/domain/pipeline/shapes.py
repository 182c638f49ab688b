"""Plain values of the pipeline."""

from dataclasses import dataclass
from datetime import datetime

# A person and the way to them: what messages are counted, bundled and dropped by.
Contact = tuple[int, str]
# What it says about what: two messages alike in it tell the same story, the newer one tells it better.
Topic = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Due:
    """One message that is due. `fresh` means never attempted; `bundle` is what it was attempted in.

    `alone` is for codes and tests: neither dropped nor bundled nor made to wait.
    """

    id: int
    key: str
    contact: Contact
    urgency: str
    topic: Topic
    severity: str
    created_at: datetime
    fresh: bool = True
    bundle: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that left lately, or is leaving this moment. Those of one bundle share `sending`."""

    id: int
    sending: str
    contact: Contact
    urgency: str
    topic: Topic
    created_at: datetime
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves as one: a message, or several under the identity `bundle`."""

    members: tuple[Due, ...]
    bundle: str = ""

    @property
    def first(self) -> Due:
        """The member it is known by: the oldest row."""
        return min(self.members, key=lambda each: each.id)


@dataclass(frozen=True, slots=True)
class Wait:
    """A parcel that waits until then, because the contact's rate is used up."""

    parcel: Parcel
    until: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with everything that is due: each message is in exactly one of the three.

    `dropped` maps a message to the newer one that says the same.
    """

    go: tuple[Parcel, ...]
    wait: tuple[Wait, ...]
    dropped: dict[int, int]
