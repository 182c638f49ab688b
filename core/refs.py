"""Human references (INC-1042) beside keys."""

import re

_REF = re.compile(r"^([A-Z]{2,4})-(\d{1,18})$", re.IGNORECASE)


def parse_ref(prefix: str, text: str) -> int | None:
    """The key behind a reference such as `INC-1042`; None if it isn't one of `prefix`."""
    match = _REF.match(text.strip())
    if match is None or match[1].upper() != prefix:
        return None
    return int(match[2])


def is_ref(text: str) -> bool:
    """Whether a text has the form of a reference, of whatever kind."""
    return _REF.match(text.strip()) is not None
