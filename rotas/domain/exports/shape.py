"""What the readers of exports share: looking into JSON that may hold anything, hours of a week, and what is found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any, Final, NamedTuple
from zoneinfo import available_timezones

from core.errors import Invalid
from core.zones import to_local, to_utc
from rotas.domain.patterns import PlannedLayer, PlannedWindow

DAY: Final = 86_400
WEEK: Final = 7 * DAY
MOST_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class FoundOverride:
    """From `start` to `end` (UTC, half-open) these people (by key) are on call, and nobody else."""

    start: datetime
    end: datetime
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One rota of an export. `missing` are people whom nobody here is, by e-mail or as the export names them; their turns are
    nobody's, so that the others keep theirs. `notes` are sentences about what could not be carried over."""

    name: str
    zone: str
    layers: tuple[PlannedLayer, ...]
    overrides: tuple[FoundOverride, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Row(NamedTuple):
    """An object of the JSON and where it stands, in words that an error can name: "schedules[2].rotations[0]"."""

    values: Mapping[str, Any]
    place: str

    def text(self, key: str, default: str | None = None) -> str:
        """A string that can be stored. Raises Invalid for anything else, and where it is missing without a default."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or "\x00" in value or not _is_unicode(value):
            raise self.wrong(key, "text")
        return " ".join(value.split())

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number from -2³¹ to 2³¹. Raises Invalid for anything else, and where it is missing without a default."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**31:
            raise self.wrong(key, "a whole number")
        return value

    def rows(self, key: str) -> list["Row"]:
        """A list of objects; a missing one is empty. Raises Invalid for anything else."""
        return rows(self.values.get(key), f"{self.place}.{key}")

    def row(self, key: str) -> "Row":
        """An object. Raises Invalid for anything else, and where it is missing."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, "an object")
        return Row(value, f"{self.place}.{key}")

    def zone(self, key: str, default: str | None = None) -> str:
        """The name of an IANA zone. Raises Invalid for anything else."""
        name = self.text(key, default)
        if name not in available_timezones():
            raise self.wrong(key, "an IANA time zone, such as Africa/Nairobi")
        return name

    def instant(self, key: str, zone: str) -> datetime | None:
        """A time in ISO 8601 as UTC, on the clock of `zone` where it names none; None where it is missing. Raises Invalid."""
        if self.values.get(key) in (None, ""):
            return None
        try:
            at = datetime.fromisoformat(self.text(key))
            if not 1971 <= at.year < 2199:
                raise ValueError
            return to_utc(at, zone) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.wrong(key, "a time such as 2026-03-02T08:00:00Z") from error

    def some_instant(self, key: str, zone: str) -> datetime:
        """As `instant`, but it may not be missing."""
        at = self.instant(key, zone)
        if at is None:
            raise self.wrong(key, "a time such as 2026-03-02T08:00:00Z")
        return at

    def wrong(self, key: str, wanted: str) -> Invalid:
        """What to raise where a value isn't what it should be."""
        return Invalid(f"{self.place}.{key} must be {wanted}.")


def rows(value: Any, place: str) -> list[Row]:
    """A list of objects (a missing one is empty). Raises Invalid for anything else, and for more than 5,000."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Invalid(f"{place} must be a list of objects.")
    if len(value) > MOST_ROWS:
        raise Invalid(f"{place} holds more than {MOST_ROWS:,}. Export fewer at a time.")
    return [Row(each, f"{place}[{number}]") for number, each in enumerate(value)]


def listed(data: Any, key: str) -> list[Row]:
    """The objects under `key`, whichever way a tool wraps them: a bare list, one page of an API, or a single one."""
    wrapped = data
    if isinstance(data, dict):
        wrapped = next((data[name] for name in (key, "data", "results") if name in data), data)
        singular = key.removesuffix("s")
        wrapped = data[singular] if wrapped is data and singular in data else wrapped
    if isinstance(wrapped, dict) and "results" in wrapped:
        wrapped = wrapped["results"]
    if isinstance(wrapped, dict):
        wrapped = [wrapped]
    return rows(wrapped, key)


@dataclass(slots=True)
class People:
    """Finds people by e-mail and keeps whom it did not find."""

    by_email: Mapping[str, int]
    missing: dict[str, None] = field(default_factory=dict)

    def find(self, email: str, called: str = "") -> tuple[int, ...]:
        """One key, or none. `called` says who is missing where there is no e-mail."""
        key = self.by_email.get(email.strip().lower())
        if key is not None:
            return (key,)
        self.missing[email.strip() or called or "somebody without a name"] = None
        return ()

    def found(self) -> tuple[str, ...]:
        """Whom it did not find, in order."""
        return tuple(self.missing)


def windows_of(spans: Iterable[tuple[int, int]]) -> tuple[PlannedWindow, ...]:
    """Weekly hours, given as (second of the week from Monday 00:00, length in seconds); whole weeks are none, that is always.

    What lasts longer than a day is as many windows as it takes; those of the same hours are one with several weekdays.
    """
    days: dict[tuple[int, int], set[int]] = {}
    for start, length in spans:
        if length >= WEEK:
            return ()
        at, left = start % WEEK, length
        while left > 0:
            part = min(left, DAY)
            days.setdefault((at % DAY, (at + part) % DAY), set()).add(at // DAY)
            at, left = (at + part) % WEEK, left - part
    if any(opens == closes and len(weekdays) == 7 for (opens, closes), weekdays in days.items()):
        return ()
    return tuple(
        PlannedWindow(tuple(sorted(weekdays)), _clock(opens), _clock(closes))
        for (opens, closes), weekdays in sorted(days.items(), key=lambda each: (each[0], sorted(each[1])))
    )


def wall_of(at: datetime, zone: str) -> datetime:
    """An instant on the wall clock of a zone, in whole seconds: what a layer is anchored at."""
    return to_local(at, zone).replace(microsecond=0)


def finished(found: Found) -> Found:
    """Without layers of nobody, the rest by priority, the highest first, and with a note where two that count the same meet.

    Raises Invalid for a rota without a name.
    """
    if not found.name:
        raise Invalid("A schedule has no name. Give it one, and export again.")
    notes = list(found.notes)
    for layer in found.layers:
        if not any(layer.turns):
            notes.append(f"{layer.name}: nobody of it is known here, so it is left out.")
    layers = sorted((each for each in found.layers if any(each.turns)), key=lambda each: -each.priority)
    for first, second in pairwise(layers):
        if first.priority == second.priority and _meet(first, second):
            notes.append(
                f"{first.name} and {second.name} are on at the same time there; here the first of them is on alone."
            )
    return replace(found, layers=tuple(layers), notes=tuple(dict.fromkeys(notes)))


def _meet(first: PlannedLayer, second: PlannedLayer) -> bool:
    if first.ends_at and second.starts_at and first.ends_at <= second.starts_at:
        return False
    if second.ends_at and first.starts_at and second.ends_at <= first.starts_at:
        return False
    if not first.windows or not second.windows or first.zone != second.zone:
        return True
    ours, theirs = (list(_seconds(layer.windows)) for layer in (first, second))
    return any(
        low < other_high + shift and other_low + shift < high
        for low, high in ours
        for other_low, other_high in theirs
        for shift in (-WEEK, 0, WEEK)
    )


def _seconds(windows: Sequence[PlannedWindow]) -> Iterable[tuple[int, int]]:
    for window in windows:
        opens, closes = (at.hour * 3600 + at.minute * 60 + at.second for at in (window.start, window.end))
        for day in window.weekdays:
            yield day * DAY + opens, day * DAY + (closes if closes > opens else closes + DAY)


def _clock(second: int) -> time:
    return time(second // 3600, second // 60 % 60, second % 60)


def _is_unicode(text: str) -> bool:
    """Whether it can be written as UTF-8: JSON may hold halves of letters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
