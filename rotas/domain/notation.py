"""Hours and turns as people write them, one a line: "Mon–Fri 18:00–08:00", "Amina, Brian".

Reading raises ValueError with a sentence that names the line and says how to write it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from typing import Final

from accounts.models import User
from rotas.domain.patterns import PlannedWindow

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY: Final = {day.lower(): number for number, day in enumerate(DAYS)}
_HOURS: Final = re.compile(r"^(?P<days>.*?)\s*(?P<start>\d{1,2}:\d{2})\s*[-–—]\s*(?P<end>\d{1,2}:\d{2})$")
_EXAMPLE: Final = "Write it as Mon–Fri 18:00–08:00, or daily 06:00–14:00."
NOBODY: Final = "nobody"


def read_windows(text: str) -> tuple[PlannedWindow, ...]:
    """Weekly hours, one stretch a line; none: always. A day is named by its first three letters, at least."""
    return tuple(_window(line) for line in _lines(text))


def write_windows(windows: Iterable[PlannedWindow]) -> str:
    """What `read_windows` reads back."""
    return "\n".join(
        f"{_days_said(window.weekdays)} {window.start:%H:%M}–{window.end:%H:%M}" for window in windows
    )


def read_turns(text: str, people: Sequence[User]) -> tuple[tuple[int, ...], ...]:
    """Turns, one a line; several people in one are separated by commas, "nobody" is a turn of nobody.

    Somebody is found among `people` by e-mail, by name, or by the beginning of a name that only one has.
    """
    return tuple(_turn(line, people) for line in _lines(text))


def write_turns(turns: Iterable[tuple[int, ...]], people: dict[int, User]) -> str:
    """What `read_turns` reads back; who isn't among `people` is left out. Two of one name are told apart by e-mail."""
    names = [person.name for person in people.values()]

    def said(person: User) -> str:
        return person.email if names.count(person.name) > 1 else person.name

    return "\n".join(
        ", ".join(said(people[key]) for key in turn if key in people) or NOBODY for turn in turns
    )


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line]


def _window(line: str) -> PlannedWindow:
    found = _HOURS.match(line)
    if found is None:
        raise ValueError(f"“{line}” can't be read. {_EXAMPLE}")
    return PlannedWindow(
        _weekdays(found["days"], line), _time(found["start"], line), _time(found["end"], line)
    )


def _time(text: str, line: str) -> time:
    hour, minute = map(int, text.split(":"))
    if (hour, minute) == (24, 0):
        return time()
    if hour > 23 or minute > 59:
        raise ValueError(f"“{line}”: there is no {text}. {_EXAMPLE}")
    return time(hour, minute)


def _weekdays(text: str, line: str) -> tuple[int, ...]:
    if text.lower() in {"", "daily", "every day"}:
        return tuple(range(7))
    days: set[int] = set()
    for part in text.split(","):
        ends = [_weekday(each, line) for each in re.split(r"[-–—]", part)]
        if len(ends) > 2:
            raise ValueError(f"“{line}” can't be read. {_EXAMPLE}")
        first, last = ends[0], ends[-1]
        days.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return tuple(sorted(days))


def _weekday(text: str, line: str) -> int:
    word = text.strip().lower()
    number = _DAY.get(word[:3])
    if number is None:
        raise ValueError(f"“{line}”: “{text.strip()}” is no day. {_EXAMPLE}")
    return number


def _days_said(weekdays: Sequence[int]) -> str:
    days = sorted(weekdays)
    if days == list(range(7)):
        return "daily"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]}–{DAYS[days[-1]]}"
    return ", ".join(DAYS[day] for day in days)


def _turn(line: str, people: Sequence[User]) -> tuple[int, ...]:
    if line.lower() in {NOBODY, "-", "–"}:
        return ()
    return tuple(_person(name.strip(), people) for name in line.split(",") if name.strip())


def _person(name: str, people: Sequence[User]) -> int:
    word = name.lower()
    exact = [person for person in people if word in {person.email.lower(), person.name.lower()}]
    found = exact or [person for person in people if person.name.lower().startswith(word)]
    if len(found) == 1:
        return found[0].pk
    if not found:
        raise ValueError(f"Nobody who can be on call is called “{name}”. Write a name or an e-mail address.")
    among = ", ".join(f"{person.name} ({person.email})" for person in found[:4])
    raise ValueError(f"“{name}” could be {among}. Write the e-mail address.")
