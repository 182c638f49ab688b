"""Plain values that cross borders."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

# What people read, translated at once or when it is shown.
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, an API token of a person or service account, a machine, or Mainstay itself.

    `user` is the account behind it (None for machines and the system), `kind` one of
    person, token, machine, system; `name` is what the timeline shows. `via` is the way in where it is
    not the portal or the API: "link" for a signed link of a message.
    """

    kind: str
    name: str
    user: Any = None
    address: str | None = None
    via: str = ""

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user is not None else None

    @property
    def by_way(self) -> str:
        """For the timeline, after the verb: " by link", or nothing."""
        return f" by {self.via}" if self.via else ""


SYSTEM = Actor(kind="system", name="Mainstay")


def person(user: Any, *, address: str | None = None, by_token: bool = False, via: str = "") -> Actor:
    """The actor behind a signed-in user, a token, or (`via="link"`) a signed link."""
    return Actor(kind="token" if by_token else "person", name=str(user), user=user, address=address, via=via)


def machine(name: str) -> Actor:
    """An outside system, such as an alert source."""
    return Actor(kind="machine", name=name)
