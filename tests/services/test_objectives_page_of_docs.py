"""The worked examples of docs/objectives.md come out as they say, and its rungs are those that are counted."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from core.intervals import Interval
from core.ui.words import duration
from services.choices import BudgetState
from services.domain.budget import Spell, Tally, seconds, standing, time_tally
from services.domain.burn import RUNGS
from services.domain.windows import Window, month_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "objectives.md").read_text()
END = datetime(2026, 5, 1, tzinfo=UTC)


def table(after: str, before: str) -> list[list[str]]:
    part = PAGE.split(after)[1].split(before)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines][2:]


def window_of(words: str) -> Interval:
    days = re.match(r"(\d+) days", words)
    if days:
        return Interval(END - timedelta(days=int(days[1])), END)
    month = {"March": 3, "October": 10}[words.split(maxsplit=1)[0]]
    return month_of(datetime(2026, month, 5).date(), "Europe/Berlin")


def spells_of(words: str, start: datetime) -> list[Spell]:
    """Times are laid one after the other; those within another begin with it."""
    found, at = [], start
    for part in re.split(r", | within ", words):
        hit = re.search(r"(?:down|at (\d+) %) for (\d+) (min|h)|(\d+) min at (\d+) %", part)
        if not hit:
            continue
        share = hit[5] or hit[1] or "100"
        length = timedelta(minutes=int(hit[4] or hit[2]) * (60 if hit[3] == "h" else 1))
        found.append(Spell(Interval(at, at + length), Fraction(int(share), 100)))
        at = at if " within " in words else at + length
    return found


def length_of(words: str) -> Fraction:
    found = timedelta(0)
    for n, unit in re.findall(r"(\d+) (h|min|s)\b", words):
        found += (
            int(n) * {"h": timedelta(hours=1), "min": timedelta(minutes=1), "s": timedelta(seconds=1)}[unit]
        )
    return seconds(found)


@pytest.mark.parametrize(
    "row", table("## Worked examples", "## How fast"), ids=lambda row: ", ".join(row[:3])
)
def test_an_example_comes_out_as_the_page_says(row):
    target, window, happened, budget, spent, state = row
    span = window_of(window)
    if "events" in window:
        bad, total = (int(n.replace(",", "")) for n in re.findall(r"[\d,]+", happened)) if "of" in happened else (0, 0)  # fmt: skip
        tally, promised = Tally(Fraction(total), Fraction(bad)), None
    else:
        tally = time_tally(span, spells_of(happened, span.start))
        promised = tally.total
    found = standing(
        Window(span.start, span.end, span.end), tally, Decimal(target.removesuffix(" %")), promised=promised
    )
    told = Fraction(int(budget.split()[0])) if "events" in window else length_of(budget)
    assert abs(found.budget - told) < 1
    assert (
        f"{float(found.spent) * 100:.1f} %".replace("0.0 %", "0 %" if not found.spent else "0.0 %") == spent
    )
    assert BudgetState(found.state).label.lower() == state


def test_the_rungs_are_those_of_the_page():
    told = [
        [
            f"{float(rung.factor):g}",
            duration(rung.long.total_seconds()),
            duration(rung.short.total_seconds()),
            rung.severity,
        ]
        for rung in RUNGS
    ]
    assert [row[:4] for row in table("## How fast it burns", "The alerts go")] == told
