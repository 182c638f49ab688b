"""Matching labels, by the rules that Prometheus made common.

A matcher is a name, an operator and a value: `severity="critical"`, `model=~"fraud-.*"`. A set of them
holds when every one holds. A label that is absent counts as the empty text, so `team=""` means "has no
team". Patterns match the whole value and can't be slow; `core.patterns` says what they know.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from core.patterns import compile_pattern

Operator = Literal["=", "!=", "=~", "!~"]
OPERATORS: tuple[Operator, ...] = ("=", "!=", "=~", "!~")
MAX_MATCHERS = 30
MAX_NAME = 200
MAX_VALUE = 2_000

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ONE = re.compile(
    rf"\s*(?P<name>{_QUOTED}|[^\s\"=!~,{{}}]+)\s*(?P<op>=~|!~|!=|=)\s*(?P<value>{_QUOTED}|[^\s\",{{}}]*)\s*",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label. Raises ValueError when it makes no sense."""

    name: str
    op: Operator
    value: str

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > MAX_NAME:
            raise ValueError(f"A matcher needs a label name of 1 to {MAX_NAME} characters.")
        if self.op not in OPERATORS:
            raise ValueError(f"The operator of {self.name} is one of {' '.join(OPERATORS)}, not {self.op!r}.")
        if len(self.value) > MAX_VALUE:
            raise ValueError(f"The value for {self.name} is longer than {MAX_VALUE} characters.")
        if self.op in {"=~", "!~"}:
            try:
                compile_pattern(self.value)
            except ValueError as error:
                raise ValueError(f"The pattern for {self.name} can't be used: {error}") from None

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        name = self.name
        if not re.fullmatch(r"[^\s\"=!~,{}\\]+", name):
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        return f'{name}{self.op}"{value}"'

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether this one condition holds; an absent label counts as the empty text."""
        found = labels.get(self.name, "")
        if self.op in {"=", "!="}:
            return (found == self.value) == (self.op == "=")
        return compile_pattern(self.value).fullmatch(found) == (self.op == "=~")


def parse_matchers(given: str | Iterable[Mapping[str, Any]]) -> tuple[Matcher, ...]:
    """Matchers from text such as `{severity="critical", model=~"fraud-.*"}` or a list of
    `{"name": …, "op": …, "value": …}`.

    The braces, and quotes around a plain value, may be left out; a comma or a new line separates.
    Empty text and an empty list give no matchers. Raises ValueError with a sentence for the writer.
    """
    found = _from_text(given) if isinstance(given, str) else _from_items(given)
    if len(found) > MAX_MATCHERS:
        raise ValueError(f"There are {len(found)} matchers; {MAX_MATCHERS} is the most.")
    return tuple(found)


def matches(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether every matcher holds. No matchers match everything; a caller that minds checks first."""
    return all(matcher.holds(labels) for matcher in matchers)


def _from_items(items: Iterable[Mapping[str, Any]]) -> list[Matcher]:
    if isinstance(items, Mapping) or not isinstance(items, Iterable):
        raise ValueError(
            'Matchers are a list, such as [{"name": "severity", "op": "=", "value": "critical"}].'
        )
    found = []
    for item in items:
        if not isinstance(item, Mapping) or not {"name", "value"} <= set(item):
            raise ValueError('Each matcher has "name", "op" and "value".')
        name, op, value = item["name"], item.get("op", "="), item["value"]
        if not all(isinstance(part, str) for part in (name, op, value)):
            raise ValueError("The name, op and value of a matcher are text.")
        found.append(Matcher(name, cast("Operator", op), value))
    return found


def _from_text(text: str) -> list[Matcher]:
    text = text.strip()
    if text.startswith("{") != text.endswith("}"):
        raise ValueError("There is a { or } without the other.")
    if text.startswith("{"):
        text = text[1:-1].strip()
    found, at = [], 0
    while at < len(text):
        hit = _ONE.match(text, at)
        if not hit:
            raise ValueError(f'Expected name="value" at {_near(text, at)}.')
        found.append(Matcher(_plain(hit["name"]), cast("Operator", hit["op"]), _plain(hit["value"])))
        at = hit.end()
        if at < len(text):
            if text[at] == ",":
                at += 1
            elif "\n" not in text[hit.end("value") : at]:
                raise ValueError(f"Expected a comma at {_near(text, at)}.")
    return found


def _near(text: str, at: int) -> str:
    rest = text[at : at + 30].strip()
    return f"“{rest}”" if rest else "the end"


def _plain(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda hit: _ESCAPES.get(hit[1], hit[1]), text[1:-1], flags=re.DOTALL)
