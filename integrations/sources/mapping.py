"""A mapping file: which column of a CSV is which field, what its words mean, what holds where it says nothing.

Everything that is wrong with it is found before a row is read, and told at once.
"""

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from core.zones import UnknownZone, table
from incidents.choices import Impact, Resolution, State, Urgency
from integrations.sources.values import ISO
from integrations.types import Unreadable
from services.choices import Party, Severity

TIMES: Final = (
    "opened_at", "started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at", "closed_at",
)  # fmt: skip
TEXTS: Final = ("key", "title", "summary", "service", "team", "owner", "hold_reason", "resolution_note")
COUNTS: Final = ("reopened_count",)
CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {value: str(label) for value, label in State.choices},
    "severity": {value: str(label) for value, label in Severity.choices},
    "impact": {value: value for value in Impact.values},
    "urgency": {value: value for value in Urgency.values},
    "party": {value: str(label) for value, label in Party.choices},
    "hold_party": {value: str(label) for value, label in Party.choices},
    "resolution": {value: str(label) for value, label in Resolution.choices},
}
FIELDS: Final = (*TEXTS, *CHOICES, *TIMES, *COUNTS)
NEEDED: Final = ("key", "title", "service", "state", "opened_at")
NOT_BY_DEFAULT: Final = ("key", *TIMES)
_SETTINGS = {
    "system": str, "zone": str, "date_format": str, "delimiter": str, "unknown": list, "columns": dict, "values": dict,
    "defaults": dict, "details": list, "create": dict,
}  # fmt: skip
_CREATE = ("services", "teams", "client")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A mapping that holds together by itself; `against` holds it against the columns of a file."""

    system: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    details: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset({""})
    zone: str = "UTC"
    date_format: str = ISO
    delimiter: str = ","
    create_services: bool = False
    create_teams: bool = False
    client: str = ""

    def against(self, columns: Sequence[str]) -> list[str]:
        """What is wrong with it for a file of these columns, one sentence each."""
        named = [(f"columns.{name}", column) for name, column in self.columns.items()]
        named += [("details", column) for column in self.details]
        return [
            f"{where}: the file has no column “{column}”{_like(column, columns)}"
            for where, column in named
            if column not in columns
        ]


def read_mapping(path: Path) -> ColumnMap:
    """The mapping in a TOML or JSON file. Raises Unreadable with all of its mistakes."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"The mapping {path} can't be read: {error}.") from error
    try:
        told = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise Unreadable(f"The mapping {path.name} is not {kind}: {error}.") from error
    if not isinstance(told, dict):
        raise Unreadable(f"The mapping {path.name} must be a table of settings.")
    return mapping_of(told)


def mapping_of(told: Mapping[str, Any]) -> ColumnMap:
    """The mapping of these settings. Raises Unreadable with all mistakes, a line each."""
    wrong = [*_shape(told)]
    if wrong:
        raise Unreadable(_all(wrong))
    wrong = [*_fields(told), *_choices(told), *_settings(told)]
    if wrong:
        raise Unreadable(_all(wrong))
    create = told.get("create", {})
    return ColumnMap(
        system=told["system"].strip(),
        columns=dict(told["columns"]),
        values={
            name: {_plain(said): meant for said, meant in table_.items()}
            for name, table_ in told.get("values", {}).items()
        },
        defaults={name: str(value) for name, value in told.get("defaults", {}).items()},
        details=tuple(told.get("details", ())),
        unknown=frozenset({"", *map(str, told.get("unknown", ()))}),
        zone=told.get("zone", "UTC"),
        date_format=told.get("date_format", ISO),
        delimiter=told.get("delimiter", ","),
        create_services=bool(create.get("services", False)),
        create_teams=bool(create.get("teams", False)),
        client=str(create.get("client", "")).strip(),
    )


def meaning(mapping: ColumnMap, name: str, text: str) -> str | None:
    """What a word of the file means for a field with choices; None where nothing says so."""
    plain = _plain(text)
    given = mapping.values.get(name, {}).get(plain)
    if given is not None:
        return given
    return next(
        (value for value, label in CHOICES[name].items() if plain in {_plain(value), _plain(label)}), None
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _shape(told: Mapping[str, Any]) -> Iterable[str]:
    for name, value in told.items():
        if name not in _SETTINGS:
            yield f"{name}: no such setting{_like(name, _SETTINGS)}"
        elif not isinstance(value, _SETTINGS[name]):
            yield f"{name}: must be {_KINDS[_SETTINGS[name]]}"
    for name in ("system", "columns"):
        if not told.get(name):
            yield f"{name}: is missing"
    for name, tables in (("columns", told.get("columns")), ("defaults", told.get("defaults"))):
        if isinstance(tables, dict):
            yield from (
                f"{name}.{key}: must be a text"
                for key, item in tables.items()
                if not isinstance(item, str | int)
            )
    values = told.get("values")
    for name, item in values.items() if isinstance(values, dict) else ():
        if not isinstance(item, dict) or not all(isinstance(meant, str) for meant in item.values()):
            yield f"values.{name}: must be a table of texts"


_KINDS = {str: "a text", list: "a list", dict: "a table"}


def _fields(told: Mapping[str, Any]) -> Iterable[str]:
    for where in ("columns", "values", "defaults"):
        for name in told.get(where, {}):
            if name not in FIELDS:
                yield f"{where}.{name}: no such field{_like(name, FIELDS)}"
    for name in told.get("defaults", {}):
        if name in NOT_BY_DEFAULT:
            yield f"defaults.{name}: a key or a time can't be the same for all rows"
    given = {*told.get("columns", {}), *told.get("defaults", {})}
    for name in NEEDED:
        if name not in given:
            yield f"columns.{name}: every incident needs it"
    if "severity" not in given and not {"impact", "urgency"} <= given:
        yield "columns.severity: give it, or impact and urgency"


def _choices(told: Mapping[str, Any]) -> Iterable[str]:
    for name, words in told.get("values", {}).items():
        if name in TIMES or name in COUNTS or name == "key":
            yield f"values.{name}: only words can be given a meaning"
        for said, meant in words.items():
            if name in CHOICES and meant not in CHOICES[name]:
                yield f"values.{name}.“{said}”: “{meant}” is none of {', '.join(CHOICES[name])}"
    for name, value in told.get("defaults", {}).items():
        if name in CHOICES and value not in CHOICES[name]:
            yield f"defaults.{name}: “{value}” is none of {', '.join(CHOICES[name])}"


def _settings(told: Mapping[str, Any]) -> Iterable[str]:
    if not 0 < len(told["system"].strip()) <= 40:
        yield "system: a name of at most 40 characters"
    if len(told.get("delimiter", ",")) != 1 or told.get("delimiter") in {"\n", "\r", '"', "\0"}:
        yield "delimiter: one character"
    try:
        table(told.get("zone", "UTC"))
    except UnknownZone:
        yield f"zone: “{told['zone']}” is not an IANA time zone, such as Africa/Nairobi"
    if not _gives_back_a_day(told.get("date_format", ISO)):
        yield "date_format: “iso”, or a form such as “%d.%m.%Y %H:%M” with year, month and day"
    if not all(isinstance(name, str) for name in told.get("details", ())):
        yield "details: a list of columns"
    for name, value in told.get("create", {}).items():
        if name not in _CREATE:
            yield f"create.{name}: no such setting{_like(name, _CREATE)}"
        elif not isinstance(value, str if name == "client" else bool):
            yield f"create.{name}: {'a text' if name == 'client' else 'true or false'}"


def _gives_back_a_day(form: str) -> bool:
    if form == ISO:
        return True
    day = datetime(2001, 12, 31)  # noqa: DTZ001 - a wall-clock day
    try:
        return datetime.strptime(day.strftime(form), form).date() == day.date()  # noqa: DTZ007
    except ValueError:
        return False


def _like(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean “{near[0]}”?" if near else ""


def _all(wrong: Sequence[str]) -> str:
    return "The mapping can't be used:\n" + "\n".join(f"  {line}" for line in wrong)
