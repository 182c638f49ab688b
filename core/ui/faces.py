"""What is shown of a person, without the person's row."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Face:
    """`name` is what they are called (an e-mail address where nothing else is known), `hue` the tint of their site."""

    name: str
    hue: str

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        return short_name(self.name)

    @property
    def initials(self) -> str:
        return initials(self.name)


def short_name(name: str) -> str:
    """The first word."""
    return name.split(maxsplit=1)[0]


@lru_cache(maxsize=1024)
def initials(name: str) -> str:
    """Of the first word and the last, composed, in capitals; marks and signs are no letters."""
    letters = [part[0] for part in name.split() if part[0].isalnum()]
    chosen = letters[:1] + letters[-1:] if len(letters) > 1 else letters
    return unicodedata.normalize("NFC", "".join(chosen).upper())
