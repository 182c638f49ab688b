"""One figure of `make bench`: what was measured, beside its reference and its goal."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A measured `value` in `unit`. `goal` is what it has to reach, or stay under where `at_most`; None: no goal.

    `reference` says in words what stands beside it, measured in the same run where there is such a thing.
    """

    part: str
    name: str
    value: float
    unit: str = ""
    goal: float | None = None
    at_most: bool = False
    reference: str = ""

    @property
    def holds(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    @property
    def mark(self) -> str:
        return {True: "✓", False: "✗", None: ""}[self.holds]

    @property
    def goal_text(self) -> str:
        if self.goal is None:
            return ""
        return f"{'≤' if self.at_most else '≥'} {number(self.goal)} {self.unit}".strip()

    @property
    def value_text(self) -> str:
        return f"{number(self.value)} {self.unit}".strip()


def number(value: float) -> str:
    """As people write it: 12,345; 12.3; 0.123."""
    if value == 0 or abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def store(path: Path, figures: Iterable[Figure]) -> None:
    """Leave them for whoever started this part."""
    path.write_text(json.dumps([asdict(figure) for figure in figures]))


def load(path: Path) -> list[Figure]:
    """What a part left; nothing where it left nothing."""
    try:
        return [Figure(**row) for row in json.loads(path.read_text())]
    except (OSError, ValueError):
        return []


def percentile(times: list[float], percent: float) -> float:
    """The value that so many percent of `times` don't exceed; 0 for none."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)] if ordered else 0.0
