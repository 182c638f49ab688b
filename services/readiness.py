"""Standards that a service is held to. Any app adds its own in a `readiness.py`; docs/operating-model.md shows how.

A check looks at all services at once, in a few queries, and says of each how it stands. It decides nothing else:
`domain/readiness.py` keeps what it found, with its history and whoever mends it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.types import Words
from services.models import Service
from services.queries import standards
from services.types import Result

# Services (with owning team and its lead, client and agreement read), and the instant, in; by the service's key out.
# A service that is not named is one that the standard doesn't apply to.
Check = Callable[[Sequence[Service], datetime], Mapping[int, Result]]


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard: its name for programs, what it is called, why it matters, and how it is come to be met."""

    name: str
    label: Words
    why: Words
    how_to_fix: Words
    check: Check
    order: int = 50


_standards: dict[str, Standard] = {}


def register(
    name: str, *, label: Words, why: Words, how_to_fix: Words, check: Check, order: int = 50
) -> None:
    """Hold services to one standard more; the same name again replaces it. `name` has at most 60 characters."""
    _standards[name] = Standard(name, label, why, how_to_fix, check, order)


def registered() -> list[Standard]:
    """All of them, in order."""
    return sorted(_standards.values(), key=lambda each: (each.order, each.name))


def standard(name: str) -> Standard | None:
    """The one of that name; None for one that no app registers any more."""
    return _standards.get(name)


register(
    "owner",
    label=_("Has an owner"),
    why=_("Somebody must be there to decide, and to hear of what is missing."),
    how_to_fix=_("Give the owning team a lead whose account is active."),
    check=standards.owner,
    order=10,
)
register(
    "agreement",
    label=_("Promises are agreed"),
    why=_("Without an agreement no promise is counted, and nobody knows how fast is fast enough."),
    how_to_fix=_("Give the service an agreement that is valid today, or name a default one."),
    check=standards.agreement,
    order=20,
)
register(
    "boundaries",
    label=_("Boundaries are complete"),
    why=_("At three in the morning nobody should have to ask whose work it is."),
    how_to_fix=_("Open the boundaries of the service and mend what is listed there."),
    check=standards.boundaries,
    order=30,
)
register(
    "objective",
    label=_("An objective is set"),
    why=_("What is well enough is decided before it is not."),
    how_to_fix=_("Set a service level objective with its indicator."),
    check=standards.objective,
    order=40,
)
register(
    "dependencies",
    label=_("Dependencies are stated"),
    why=_("Whoever mends one service should see what else it hurts."),
    how_to_fix=_("State what the service takes from others, and who takes from it."),
    check=standards.dependencies,
    order=50,
)
