"""Checks the pure engines against files of cases: input and the answer that others agreed on.

Each kind of file has a module with `check(row) -> (expected, got)`; a row passes when both are equal. The
engines answer by rule, nothing here knows a row.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.cases import drift, rota, sla

Row = dict[str, Any]

CHECKS: Final[dict[str, Callable[[Row], tuple[Any, Any]]]] = {
    "sla": sla.check,
    "rota": rota.check,
    "drift": drift.check,
}


@dataclass(frozen=True)
class Outcome:
    """What became of one row; `expected` and `got` are meant for reading."""

    id: str
    passed: bool
    expected: str
    got: str


def load(path: Path) -> list[Row]:
    """The rows of a file: a JSON list, or an object with the list under `cases`. Raises `ValueError`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    rows = content.get("cases") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("A file of cases is a JSON list of objects.")
    return rows


def run(kind: str, rows: Iterable[Row]) -> Iterator[Outcome]:
    """Checks row by row; one that cannot be read or raises has failed, and the others go on."""
    check = CHECKS[kind]
    for number, row in enumerate(rows, start=1):
        name = str(row.get("id", f"row {number}"))
        try:
            expected, got = check(row)
        except Exception as error:  # a row of someone else's file may break anything
            yield Outcome(name, False, "an answer", f"{type(error).__name__}: {error}")
        else:
            yield Outcome(name, expected == got, show(expected), show(got))


def show(value: Any) -> str:
    """A value for one line of output; instants in ISO 8601."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, list | tuple):
        return "[" + ", ".join(show(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    return str(value)
