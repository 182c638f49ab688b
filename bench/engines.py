"""How fast the time engines answer on one core: `python -m bench.engines`.

Due times: business hours of 09:00-17:00 on weekdays, 30 holidays a year, four hours of target, starts spread
over a year. Rotas: a year of 20 weekly layers, first each layer expanded by itself, then the final schedule
of all, once where the layers follow the sun and once with a hundred overrides.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import Any

from bench.figures import Figure
from core.calendars import BusinessHours, add, elapsed
from core.intervals import Interval
from rotas.domain.coverage import coverage, layer_shifts, who
from rotas.types import Layer, Override, Window

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
ZONES = ("America/Chicago", "Europe/London", "Asia/Kathmandu", "Australia/Sydney", "America/Bogota")


def rate(work: Callable[[], int], seconds: float = 2.0) -> float:
    """Answers a second: `work` does some and returns how many; the best of three rounds, once warm."""
    work()
    best = 0.0
    for _ in range(3):
        done, began = 0, perf_counter()
        while perf_counter() - began < seconds / 3:
            done += work()
        best = max(best, done / (perf_counter() - began))
    return best


def office() -> BusinessHours:
    """Weekdays 09:00-17:00 in New York with 30 holidays a year."""
    frames = ((9 * 3600, 17 * 3600),)
    holidays = frozenset(
        date(year, month, day) for year in range(2020, 2033) for month in range(1, 11) for day in (3, 13, 23)
    )
    return BusinessHours("America/New_York", (frames,) * 5 + ((), ()), holidays)


def weekly_layers(windows: tuple[Window, ...] = ()) -> list[Layer]:
    """Twenty weekly layers of five people in five zones."""
    return [
        Layer(
            key=n,
            priority=n,
            zone=ZONES[n % len(ZONES)],
            unit="weekly",
            length=1,
            anchor=datetime(2025, 6, 2, 9),  # noqa: DTZ001 - wall-clock time
            turns="anchor",
            groups=tuple((n * 10 + person,) for person in range(5)),
            windows=windows,
        )
        for n in range(20)
    ]


def five_layers() -> list[Layer]:
    """Fifty people in five layers of five zones: one always on, four by day, of which two are daily."""
    return [
        Layer(
            key=n,
            priority=n % 2,
            zone=ZONES[n],
            unit="daily" if n % 2 else "weekly",
            length=1,
            anchor=datetime(2025, 6, 2, 9),  # noqa: DTZ001 - wall-clock time
            turns="anchor",
            groups=tuple((n * 10 + person,) for person in range(10)),
            windows=(Window(frozenset(range(7)), time(6 + n), time(14 + n)),) if n else (),
        )
        for n in range(5)
    ]


def each(work: Callable[[datetime], object], starts: list[datetime]) -> Callable[[], int]:
    """Work that asks once for each start and counts the answers."""

    def ask() -> int:
        for start in starts:
            work(start)
        return len(starts)

    return ask


def time_figures(starts: list[datetime]) -> dict[str, Callable[[], int]]:
    """Business time."""
    hours, last = office(), starts[-1]
    pauses = [Interval(START + timedelta(days=d), START + timedelta(days=d, hours=3)) for d in (40, 41, 80)]
    return {
        "due times a second": each(lambda at: add(hours, at, 14_400), starts),
        "due times a second around three pauses": each(lambda at: add(hours, at, 14_400, pauses), starts),
        "elapsed times a second": each(lambda at: elapsed(hours, at, last), starts),
    }


def rota_figures(starts: list[datetime]) -> dict[str, Callable[[], int]]:
    """Coverage; `starts` is asked for single answers."""
    plain, end = weekly_layers(), START + YEAR
    sunny = weekly_layers((Window(frozenset(range(5)), time(7), time(15)),))
    overrides = [
        Override(
            n, START + timedelta(days=3 * n), START + timedelta(days=3 * n, hours=8), (99,), (n % 5 + 190,)
        )
        for n in range(100)
    ]
    fifty = five_layers()
    year = [START]
    return {
        "years of 20 weekly layers, each expanded, a second": each(
            lambda at: [layer_shifts(layer, at, end) for layer in plain], year
        ),
        "years of the final schedule of 20 layers a second": each(
            lambda at: coverage(plain, [], at, end), year
        ),
        "the same with weekday windows": each(lambda at: coverage(sunny, [], at, end), year),
        "the same with windows and 100 overrides": each(lambda at: coverage(sunny, overrides, at, end), year),
        "years of a rota of 50 people in 5 layers a second": each(
            lambda at: coverage(fifty, [], at, end), year
        ),
        "quarters of ten rotas of 5 layers a second": each(
            lambda at: [coverage(fifty, [], at, at + timedelta(days=91)) for _ in range(10)], year
        ),
        "answers to who is on call a second": each(lambda at: who(plain, overrides, at), starts[:200]),
    }


GOALS = {
    "due times a second": 200_000,
    "years of 20 weekly layers, each expanded, a second": 300,
    # within a tenth of a second, and within three
    "years of a rota of 50 people in 5 layers a second": 10,
    "quarters of ten rotas of 5 layers a second": 10 / 3,
    # within five milliseconds
    "answers to who is on call a second": 200,
}
QUICK: dict[str, Any] = {"seconds": 0.3}


def measure(say: Callable[[str], None], *, seconds: float = 2.0) -> list[Figure]:
    """Figures of the time engines."""
    starts = [START + timedelta(seconds=n * 1571) for n in range(20_000)]
    found = []
    for name, work in {**time_figures(starts), **rota_figures(starts)}.items():
        found.append(Figure("engines", name, rate(work, seconds), "", GOALS.get(name)))
    return found


def main() -> None:
    """Measure and print."""
    for figure in measure(print):
        print(f"{figure.mark or ' '} {figure.value_text:>12}  {figure.name}  {figure.goal_text}")


if __name__ == "__main__":
    main()
