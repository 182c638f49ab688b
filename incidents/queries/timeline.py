"""The timeline as it is drawn: people loud, machines in a whisper, alike lines folded, waits as a band. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.choices import Role
from incidents.choices import ActorKind, EntryKind, State, Visibility
from incidents.models import Clock, Entry
from services.choices import Party
from services.domain.links import is_safe

SHOWS = ("everything", "people", "client")
SHOWN = 100  # lines on a page: more would take longer to draw than to read
MOST_DECIDING = 200
NEWEST_FIRST = ("-happened_at", "-pk")
_FOLDED = {EntryKind.ALERT, EntryKind.CALL, EntryKind.MESSAGE, EntryKind.CLOCK, EntryKind.RUNBOOK}
_ICONS = {
    EntryKind.OPENED: "flag",
    EntryKind.OWNER: "user-check",
    EntryKind.SEVERITY: "alert-triangle",
    EntryKind.EDIT: "edit",
    EntryKind.CALL: "phone-call",
    EntryKind.MESSAGE: "mail",
    EntryKind.RUNBOOK: "checklist",
    EntryKind.CLOCK: "clock",
    EntryKind.IMPACT: "users",
    EntryKind.ALERT: "bell-ringing",
    EntryKind.PARTY: "arrow-up-right",
}
_STATE_ICONS = {
    State.ACKNOWLEDGED: "user-check",
    State.INVESTIGATING: "player-play",
    State.ON_HOLD: "clock-pause",
    State.MITIGATED: "shield-check",
    State.RESOLVED: "circle-check",
    State.CLOSED: "lock",
    State.CANCELLED: "ban",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on the spine. `form` is loud, quiet, band or day; `also` are older lines like this one."""

    form: str
    at: datetime
    entry: Entry | None = None
    icon: str = ""
    lead: str = ""
    words: str = ""
    say: str = ""
    href: str = ""
    outside: bool = False
    shared: bool = False
    also: tuple[Entry, ...] = ()
    until: datetime | None = None
    party: str = ""
    day: date | None = None

    @property
    def host(self) -> str:
        """Whose page `href` is."""
        return urlsplit(self.href).hostname or ""


def deciding(entries: QuerySet[Entry]) -> list[Entry]:
    """The lines on which promises depend: opened, states, severities, warnings and breaches; oldest first. One query."""
    kinds = [EntryKind.OPENED, EntryKind.STATE, EntryKind.SEVERITY, EntryKind.CLOCK]
    return list(entries.filter(kind__in=kinds).order_by("happened_at", "pk")[:MOST_DECIDING])


def is_about(entry: Entry, clock: Clock) -> bool:
    """Whether a line that promises depend on is about this one: what happened to the incident is about all of them."""
    if entry.kind != EntryKind.CLOCK:
        return True
    named = [entry.data, *entry.data.get("clocks", [])]
    return any(each.get("clock") == clock.pk for each in named)


def shown(entries: QuerySet[Entry], show: str) -> QuerySet[Entry]:
    """The lines of a kind, to be read page by page from the newest on."""
    if show == "people":
        entries = entries.filter(actor_kind=ActorKind.PERSON)
    elif show == "client":
        entries = entries.filter(visibility=Visibility.CLIENT)
    return entries.select_related("actor__site")


def lines(entries: Sequence[Entry], now: datetime, zone: str, *, inside: bool) -> list[Line]:
    """Entries (oldest first) as lines, with days and waits between them.

    `inside` readers also see what somebody added to a verb; `zone` is the reader's and decides the days.
    """
    drawn: list[Line] = []
    held: tuple[datetime, str] | None = None
    for line in _folded(_line(entry, inside=inside) for entry in entries):
        entry = line.entry
        if entry is not None and entry.kind == EntryKind.STATE:
            state = entry.data.get("state")
            if held is not None and (state != State.ON_HOLD or entry.data.get("party") != held[1]):
                drawn.append(_band(held, entry.happened_at))
                held = None
            if state == State.ON_HOLD:
                held = held or (entry.happened_at, str(entry.data.get("party", "")))
        drawn.append(line)
    if held is not None:
        drawn.append(_band(held, None))
    return _with_days(drawn, now, zone)


def _line(entry: Entry, *, inside: bool) -> Line:
    note = str(entry.data.get("note", "")) if inside else ""
    by_person = entry.actor_kind in {ActorKind.PERSON, ActorKind.TOKEN} and entry.actor is not None
    outside = bool(entry.actor is not None and entry.actor.role == Role.STAKEHOLDER)
    lead, words = _split(entry)
    spoken = entry.kind in {EntryKind.NOTE, EntryKind.LINK}
    if spoken or (by_person and note):
        say = entry.text if spoken else note
        return Line(
            "loud",
            entry.happened_at,
            entry,
            lead=entry.actor_name or "Mainstay",
            words="" if spoken else words,
            say=say,
            href=address_of(entry),
            outside=outside,
            shared=spoken and entry.visibility == Visibility.CLIENT,
        )
    return Line("quiet", entry.happened_at, entry, icon=_icon(entry), lead=lead, words=words, outside=outside)


def address_of(entry: Entry) -> str:
    """Where a line of kind link leads, for whoever may read the line; empty for any other line."""
    address = entry.data.get("url") if entry.kind == EntryKind.LINK else ""
    return address if is_safe(address) else ""


def _split(entry: Entry) -> tuple[str, str]:
    """The name a line begins with, to be set in bold, and the rest."""
    name = entry.actor_name
    if name and entry.text.startswith(name):
        return name, entry.text[len(name) :].strip()
    if entry.actor_kind == ActorKind.MACHINE and name:
        return f"{name}:", entry.text
    return "", entry.text


def _icon(entry: Entry) -> str:
    if entry.kind == EntryKind.STATE:
        return _STATE_ICONS.get(entry.data.get("state"), "")
    if entry.kind == EntryKind.ALERT and entry.actor_kind == ActorKind.MACHINE:
        return ""
    return _ICONS.get(EntryKind(entry.kind), "") if entry.kind in EntryKind.values else ""


def _folded(made: Iterable[Line]) -> list[Line]:
    """Three or more machine lines of one kind in a row become the newest of them."""
    runs: list[list[Line]] = []
    for line in made:
        if runs and _alike(runs[-1][-1], line):
            runs[-1].append(line)
        else:
            runs.append([line])
    folded: list[Line] = []
    for run in runs:
        if len(run) < 3:
            folded += run
            continue
        last = run[-1]
        older = tuple(line.entry for line in run[:-1] if line.entry is not None)
        folded.append(
            Line("quiet", last.at, last.entry, icon=last.icon, lead=last.lead, words=last.words, also=older)
        )
    return folded


def _alike(one: Line, other: Line) -> bool:
    if one.form != "quiet" or other.form != "quiet" or one.entry is None or other.entry is None:
        return False
    machine = {ActorKind.MACHINE, ActorKind.SYSTEM}
    return (
        one.entry.kind == other.entry.kind
        and one.entry.kind in _FOLDED
        and one.entry.actor_kind in machine
        and other.entry.actor_kind in machine
    )


def _band(held: tuple[datetime, str], until: datetime | None) -> Line:
    party = Party(held[1]).label if held[1] in Party.values else ""
    return Line("band", held[0], until=until, party=str(party))


def _with_days(drawn: list[Line], now: datetime, zone: str) -> list[Line]:
    """A line for each change of day, unless all of it is today."""
    here = ZoneInfo(zone)
    found: list[Line] = []
    day = now.astimezone(here).date()
    for index, line in enumerate(drawn):
        own = line.at.astimezone(here).date()
        if line.form != "band" and own != day and (index == 0 or own > day or not found):
            found.append(Line("day", line.at, day=own))
        if line.form != "band":
            day = own
        found.append(line)
    return found
