"""Kinds of messages that a person may do without. An app names its own here at start-up, in a `told.py`.

What calls somebody (a page) is never among them.
"""

from dataclasses import dataclass

from core.types import Words


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind that can be switched off, such as "rota.shift_soon": what it is called, and when it comes."""

    key: str
    label: Words
    meaning: Words
    order: int = 50


_kinds: dict[str, Kind] = {}


def register(key: str, *, label: Words, meaning: Words, order: int = 50) -> None:
    """Let people switch this kind off; the same key again replaces it."""
    _kinds[key] = Kind(key, label, meaning, order)


def is_optional(key: str) -> bool:
    """Whether people may do without this kind."""
    return key in _kinds


def optional() -> list[Kind]:
    """All of them, in order."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.key))
