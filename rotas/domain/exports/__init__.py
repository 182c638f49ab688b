"""Rotas of other tools, read: what a tool exports becomes planned layers. Pure.

`read` knows the format by what is in it, or is told; each format is one module, which the next one can be copied from.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.errors import Invalid
from rotas.domain.exports import oncall, opsgenie, pagerduty
from rotas.domain.exports.shape import Found

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROTAS: Final = 200
Reader = Callable[[Any, Mapping[str, int]], list[Found]]
READERS: Final[Mapping[str, Reader]] = {
    "opsgenie": opsgenie.read,
    "pagerduty": pagerduty.read,
    "oncall": oncall.read,
}
# By what a format is known: a key that only its schedules, or only its file, have.
_SIGNS: Final = {"rotations": "opsgenie", "schedule_layers": "pagerduty", "on_call_shifts": "oncall"}


def read(text: bytes, people: Mapping[str, int], kind: str = "auto") -> list[Found]:
    """The rotas in an export. `people` are the keys of those who can be on call by e-mail in lower case; `kind` is one of
    `READERS`, or "auto".

    Raises Invalid, with one sentence that names the place, for what is too big, no JSON, or not of that format.
    """
    if len(text) > MOST_BYTES:
        raise Invalid("The file is bigger than 20 MB. Export fewer schedules at a time.")
    try:
        data = json.loads(text.decode("utf-8-sig"))
    except RecursionError as error:
        raise Invalid("The file is nested too deeply to be an export.") from error
    except ValueError as error:
        raise Invalid("The file is no JSON in UTF-8. Export it again.") from error
    name = _kind_of(data) if kind == "auto" else kind
    if name not in READERS:
        raise Invalid(
            "This is no export that is known. Say which by --format: opsgenie, pagerduty or oncall."
        )
    found = READERS[name](data, people)
    if not found:
        raise Invalid("The file holds no schedules.")
    if len(found) > MOST_ROTAS:
        raise Invalid(f"More than {MOST_ROTAS} schedules. Export fewer at a time.")
    return found


def _kind_of(data: Any) -> str:
    """The format of what was read, looking no deeper than its schedules; "" where no sign is found."""
    rows = [data, *(data.values() if isinstance(data, dict) else ())]
    for row in rows:
        for each in row if isinstance(row, list) else [row]:
            for sign, name in _SIGNS.items():
                if isinstance(each, dict) and sign in each:
                    return name
    return ""
