"""Reading JSON from a stranger, strictly, so that what follows may trust its shape."""

import json
import math
from typing import Any

from monitoring.types import UnparsableError

MAX_DEPTH = 32
_MAX_DIGITS = 100


def read_json(body: bytes) -> Any:
    """The JSON value in `body`, read strictly.

    Raises UnparsableError for what isn't UTF-8 JSON, repeats a key, holds NaN, an infinite or an
    absurdly long number, or nests deeper than MAX_DEPTH.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnparsableError("The body is not UTF-8 text.", "Send JSON encoded as UTF-8.") from None
    if not text.strip():
        raise UnparsableError("The body is empty.", "Send the alert as JSON in the body of a POST.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_sane_int,
            parse_float=_sane_float,
        )
    except RecursionError:
        raise _too_deep() from None
    except UnparsableError:
        raise
    except ValueError as error:
        raise UnparsableError(
            f"The body is not valid JSON ({error}).", "Check the template that writes it."
        ) from None
    _check_depth(value)
    return value


def read_object(body: bytes) -> dict[str, Any]:
    """As `read_json`, for a JSON object. Raises UnparsableError for anything else."""
    return as_object(read_json(body))


def as_object(value: Any) -> dict[str, Any]:
    """`value`, which has to be a JSON object. Raises UnparsableError for anything else."""
    if not isinstance(value, dict):
        raise UnparsableError(
            f"The body is {kind_of(value)}, not a JSON object.", "Send { … } with the alert inside."
        )
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise UnparsableError(f"The key “{shown(twice)}” stands twice in one object.", "Send each key once.")
    return found


def _no_constant(name: str) -> Any:
    raise UnparsableError(f"{name} is not a JSON number.", "Send null or leave the key out.")


def _sane_int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise UnparsableError(f"A number has {len(digits)} digits.", "Send such a value as text.")
    return int(digits)


def _sane_float(digits: str) -> float:
    value = float(digits) if len(digits) <= 4 * _MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise UnparsableError("A number is too large.", "Send such a value as text.")
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise _too_deep()


def _inside(outer: Any) -> list[Any]:
    """The containers directly inside a container."""
    inside = outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
    return [inner for inner in inside if isinstance(inner, dict | list)]


def _too_deep() -> UnparsableError:
    return UnparsableError(f"The JSON nests deeper than {MAX_DEPTH} levels.", "Send a flatter body.")


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    ((int, float), "a number"),
    (list, "a list"),
    (dict, "an object"),
)


def kind_of(value: Any) -> str:
    """What a JSON value is, in words for a sentence."""
    return next((name for kinds, name in _KINDS if isinstance(value, kinds)), "missing or null")


def shown(name: str) -> str:
    """A name from a stranger, short enough for a sentence."""
    return " ".join("".join(char if char.isprintable() else " " for char in name[:60]).split())
