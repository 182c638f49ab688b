"""Regular expressions that can't be made slow.

People write matchers and machines choose the text they run on, so Python's backtracking `re` would let
one label hold a worker for hours. This is a small engine of the classic kind: the pattern becomes a
graph, the text is walked once with the set of places reachable so far, and the sets are remembered.
Time is at most length of text × size of pattern.

What it knows, as in RE2 and Prometheus: literals, `.`, `[a-z]`, `[^a-z]`, `\\d \\w \\s` (ASCII) and their
capitals, `( )`, `(?: )`, `|`, `* + ?`, `{2} {2,} {2,5}`, a leading `(?i)`. A match is always of the whole
text; `.` takes line breaks too. Back-references and look-around don't exist.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

MAX_PATTERN = 200
MAX_PROGRAM = 400
MAX_REPEAT = 100
MAX_TEXT = 10_000
_MAX_REMEMBERED = 500

Ranges = tuple[tuple[str, str], ...]
_SHORTHANDS: dict[str, Ranges] = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
}
_ENDS_WITH_DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*\$\Z")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class _Chars:
    """A set of characters: any of `ranges` or outside any of `outside`; `negated` turns it round."""

    ranges: Ranges = ()
    outside: tuple[Ranges, ...] = ()
    negated: bool = False

    def holds(self, char: str, ignore_case: bool) -> bool:
        forms = {char, char.lower(), char.upper()} if ignore_case else {char}
        found = any(
            any(low <= form <= high for low, high in self.ranges)
            or any(not any(low <= form <= high for low, high in ranges) for ranges in self.outside)
            for form in forms
        )
        return found != self.negated


_ANY = _Chars(negated=True)


@dataclass(frozen=True, slots=True)
class _Step:
    """One place of the graph. `chars` None: a free move to `to`; no `to` and no `chars`: the end."""

    chars: _Chars | None
    to: tuple[int, ...]


@dataclass(slots=True)
class Pattern:
    """A compiled pattern; see `compile_pattern`."""

    text: str
    ignore_case: bool
    _steps: list[_Step]
    _start: int
    _moves: dict[tuple[frozenset[int], str], frozenset[int]] = field(default_factory=dict)

    def fullmatch(self, text: str) -> bool:
        """Whether the whole of `text` (at most MAX_TEXT characters; longer never matches) fits."""
        if len(text) > MAX_TEXT:
            return False
        places = self._closure([self._start])
        for char in text:
            key = (places, char)
            after = self._moves.get(key)
            if after is None:
                if len(self._moves) >= _MAX_REMEMBERED:
                    self._moves.clear()
                after = self._moves[key] = self._move(places, char)
            if not after:
                return False
            places = after
        return any(self._steps[place] == _END for place in places)

    def _move(self, places: frozenset[int], char: str) -> frozenset[int]:
        hits: list[int] = []
        for place in places:
            step = self._steps[place]
            if step.chars is not None and step.chars.holds(char, self.ignore_case):
                hits.extend(step.to)
        return self._closure(hits)

    def _closure(self, places: Iterable[int]) -> frozenset[int]:
        seen: set[int] = set()
        todo = list(places)
        while todo:
            place = todo.pop()
            if place in seen:
                continue
            seen.add(place)
            step = self._steps[place]
            if step.chars is None:
                todo.extend(step.to)
        return frozenset(seen)


_END = _Step(None, ())


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Alternatives:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: "_Node"
    low: int
    high: int | None


_Node = _Chars | _Sequence | _Alternatives | _Repeat


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> Pattern:
    """Compile `text`, at most MAX_PATTERN characters. Raises ValueError with a sentence for its writer."""
    if len(text) > MAX_PATTERN:
        raise ValueError(f"A pattern has at most {MAX_PATTERN} characters; this one has {len(text)}.")
    ignore_case = text.startswith("(?i)")
    source = text[4:] if ignore_case else text
    source = source.removeprefix("^")
    if _ENDS_WITH_DOLLAR.search(source):
        source = source[:-1]
    parser = _Parser(source)
    try:
        builder = _Builder()
        start = builder.add(parser.parse(), builder.emit(_END))
    except RecursionError:
        raise ValueError("The pattern is nested too deeply.") from None
    return Pattern(text, ignore_case, builder.steps, start)


class _Builder:
    """Turns the parsed tree into places, from the end to the start."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []

    def emit(self, step: _Step) -> int:
        if len(self.steps) >= MAX_PROGRAM:
            raise ValueError("The pattern is too large; use fewer or smaller repetitions such as {2,5}.")
        self.steps.append(step)
        return len(self.steps) - 1

    def add(self, node: _Node, after: int) -> int:
        """Add `node` so that it continues at `after`; its first place."""
        if isinstance(node, _Chars):
            return self.emit(_Step(node, (after,)))
        if isinstance(node, _Repeat):
            return self._repeat(node, after)
        if isinstance(node, _Sequence):
            for part in reversed(node.parts):
                after = self.add(part, after)
            return after
        return self.emit(_Step(None, tuple(self.add(part, after) for part in node.parts)))

    def _repeat(self, node: _Repeat, after: int) -> int:
        if node.high is None:
            loop = self.emit(_Step(None, (after,)))
            self.steps[loop] = _Step(None, (self.add(node.part, loop), after))
            after = loop
        else:
            end = after
            for _ in range(node.high - node.low):
                after = self.emit(_Step(None, (self.add(node.part, after), end)))
        for _ in range(node.low):
            after = self.add(node.part, after)
        return after


class _Parser:
    """Recursive descent over the pattern's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def parse(self) -> _Node:
        node = self._alternatives()
        if self.at < len(self.text):
            raise ValueError("There is a ) without its (.")
        return node

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, what: str) -> str:
        char = self._peek()
        if not char:
            raise ValueError(f"The pattern ends where {what} should stand.")
        self.at += 1
        return char

    def _alternatives(self) -> _Node:
        parts = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _Alternatives(tuple(parts))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._repeated())
        return _Sequence(tuple(parts))

    def _repeated(self) -> _Node:
        node = self._atom()
        bounds = self._bounds()
        if bounds is None:
            return node
        if self._peek() in {"*", "+", "?", "{"} and (self._peek() != "{" or self._looks_like_bounds()):
            raise ValueError("Two repetitions follow each other, such as a*+; put one of them in ( ).")
        return _Repeat(node, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        char = self._peek()
        if char in simple:
            self.at += 1
            return simple[char]
        if char != "{" or not self._looks_like_bounds():
            return None
        end = self.text.index("}", self.at)
        low_text, comma, high_text = self.text[self.at + 1 : end].partition(",")
        self.at = end + 1
        low = int(low_text)
        high = int(high_text) if high_text else (None if comma else low)
        if max(low, high or 0) > MAX_REPEAT or (high is not None and high < low):
            raise ValueError(f"A repetition counts from low to high, at most {MAX_REPEAT}.")
        return low, high

    def _looks_like_bounds(self) -> bool:
        inner, brace, _ = self.text[self.at + 1 :].partition("}")
        low, _, high = inner.partition(",")
        return (
            bool(brace)
            and low.isascii()
            and low.isdigit()
            and (not high or (high.isascii() and high.isdigit()))
        )

    def _atom(self) -> _Node:
        char = self._take("a character")
        if char == "(":
            return self._group()
        if char == "[":
            return self._set()
        if char == ".":
            return _ANY
        if char == "\\":
            return self._escape()
        if char in "*+?":
            raise ValueError(f"There is nothing before {char} to repeat.")
        if char in "^$":
            raise ValueError("^ and $ are not needed: a pattern always matches the whole value.")
        return _Chars(((char, char),))

    def _group(self) -> _Node:
        if self._peek() == "?":
            if not self.text.startswith("?:", self.at):
                raise ValueError("Only (?: ) groups and a leading (?i) are known; look-around is not.")
            self.at += 2
        node = self._alternatives()
        if self._peek() != ")":
            raise ValueError("There is a ( without its ).")
        self.at += 1
        return node

    def _escape(self) -> _Chars:
        char = self._take("the escaped character")
        if char.lower() in _SHORTHANDS:
            ranges = _SHORTHANDS[char.lower()]
            return _Chars(ranges) if char.islower() else _Chars(outside=(ranges,))
        if char in _CONTROLS:
            return _Chars(((_CONTROLS[char], _CONTROLS[char]),))
        if char.isalnum():
            raise ValueError(f"\\{char} is not known; \\d \\w \\s and their capitals are.")
        return _Chars(((char, char),))

    def _set(self) -> _Chars:
        negated = self._peek() == "^"
        self.at += negated
        ranges: list[tuple[str, str]] = []
        outside: list[Ranges] = []
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._take("]")
            if low == "\\":
                chars = self._escape()
                outside.extend(chars.outside)
                if chars.outside or len(chars.ranges) > 1 or chars.ranges[0][0] != chars.ranges[0][1]:
                    ranges.extend(chars.ranges)
                    continue
                low = chars.ranges[0][0]
            ranges.append((low, self._range_end(low)))
        self.at += 1
        return _Chars(tuple(ranges), tuple(outside), negated)

    def _range_end(self, low: str) -> str:
        if self._peek() != "-" or self.text[self.at + 1 : self.at + 2] in {"]", ""}:
            return low
        self.at += 1
        high = self._take("the end of the range")
        if high == "\\":
            chars = self._escape()
            if chars.outside or len(chars.ranges) != 1 or chars.ranges[0][0] != chars.ranges[0][1]:
                raise ValueError("A range ends with a single character.")
            high = chars.ranges[0][0]
        if high < low:
            raise ValueError(f"The range {low}-{high} runs backwards.")
        return high
