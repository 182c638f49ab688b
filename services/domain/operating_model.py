"""The operating model as one document: a copy of everything, what changed between two copies, and publishing one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.audit import record
from core.errors import IllegalState, Invalid
from core.types import Actor
from core.ui.words import duration
from services.choices import Authority, Letter, Party
from services.models import OperatingModelVersion, Service
from services.queries.boundaries import boundaries_of_all, template
from services.types import Boundaries, Duty, Evidence, PartyBounds

MAX_NOTE = 300
_ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two copies of the model say differently; "–" where one says nothing."""

    where: str
    before: str
    after: str


def current() -> dict[str, Any]:
    """The model as it stands now: the template, and what each service says otherwise. Eight queries, however many services."""
    services = list(Service.objects.select_related("owning_team", "client").order_by("slug"))
    known = boundaries_of_all(services)
    found = []
    for service in services:
        copied = _copy(known[service.pk], own_only=True)
        if copied["activities"] or copied["parties"]:
            found.append(
                {"slug": service.slug, "name": service.name, "client": service.client_name, **copied}
            )
    return {**_copy(template()), "services": found}


@transaction.atomic
def publish(*, note: str, actor: Actor, now: datetime) -> OperatingModelVersion:
    """Keep the model as it stands as the next version. Raises Invalid without a note, IllegalState where nothing changed."""
    words = " ".join(note.replace("\x00", "").split())
    if not words or len(words) > MAX_NOTE:
        raise Invalid(
            _("Say in at most %(most)d characters what changed and why.") % {"most": MAX_NOTE},
            fields={"note": "required" if not words else "too long"},
        )
    newest = OperatingModelVersion.objects.select_for_update().order_by("-number").first()
    snapshot = current()
    if newest is not None and not differences(newest.snapshot, snapshot):
        raise IllegalState(_("Nothing has changed since version %(number)d.") % {"number": newest.number})
    made = OperatingModelVersion.objects.create(
        number=newest.number + 1 if newest else 1,
        snapshot=snapshot,
        note=words,
        published_at=now,
        published_by=actor.user,
    )
    record(
        "operating_model.publish",
        actor=actor,
        now=now,
        subject_kind="operating_model",
        subject_id=made.pk,
        subject_name=str(made.number),
        detail={"note": words},
    )
    return made


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What the second copy says otherwise than the first, in the order of the document. Pure."""
    old, new = dict(_lines(before)), dict(_lines(after))
    names = list(dict.fromkeys([*new, *old]))
    return [
        Change(name, old.get(name, _ABSENT), new.get(name, _ABSENT))
        for name in names
        if old.get(name, _ABSENT) != new.get(name, _ABSENT)
    ]


def as_boundaries(snapshot: Mapping[str, Any]) -> Boundaries:
    """A copy as the pages draw boundaries; what a later version of Mainstay no longer knows is left out."""
    return Boundaries(
        duties=tuple(_duty(row) for row in snapshot.get("activities", [])),
        parties={
            row["party"]: _bounds(row) for row in snapshot.get("parties", []) if row["party"] in Party.values
        },
    )


def _copy(boundaries: Boundaries, *, own_only: bool = False) -> dict[str, Any]:
    return {
        "activities": [
            {
                "slug": duty.slug,
                "name": duty.name,
                "group": str(duty.group),
                "help": duty.help,
                "needs_runbook": duty.needs_runbook,
                "letters": {party: str(letter) for party, letter in duty.letters.items()},
            }
            for duty in boundaries.duties
            if duty.own or not own_only
        ],
        "parties": [
            {
                "party": str(bounds.party),
                "team": bounds.team_name,
                "authority": list(bounds.authority),
                "scope_in": bounds.scope_in,
                "scope_out": bounds.scope_out,
                "entry": bounds.entry,
                "evidence": [
                    {"key": each.key, "label": each.label, "required": each.required}
                    for each in bounds.evidence
                ],
                "timebox": bounds.timebox,
                "out_of_hours": bounds.out_of_hours,
                "hands_to": str(bounds.hands_to),
                "return_path": bounds.return_path,
            }
            for bounds in boundaries.parties.values()
            if bounds.own or not own_only
        ],
    }


def _duty(row: Mapping[str, Any]) -> Duty:
    # the database keeps no order of keys
    letters = {
        party: row["letters"][party]
        for party in Party.values
        if row["letters"].get(party, "") in Letter.values
    }
    return Duty(row["slug"], row["name"], row["group"], letters, row["help"], row["needs_runbook"])


def _bounds(row: Mapping[str, Any]) -> PartyBounds:
    return PartyBounds(
        party=row["party"],
        team_name=row["team"],
        authority=tuple(each for each in row["authority"] if each in Authority.values),
        scope_in=row["scope_in"],
        scope_out=row["scope_out"],
        entry=row["entry"],
        evidence=tuple(Evidence(each["key"], each["label"], each["required"]) for each in row["evidence"]),
        timebox=row["timebox"],
        out_of_hours=row["out_of_hours"],
        hands_to=row["hands_to"] if row["hands_to"] in Party.values else "",
        return_path=row["return_path"],
    )


def _lines(snapshot: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Every statement of a copy by its name, so that two copies can be laid beside each other."""
    yield from _lines_of(snapshot, "")
    for service in snapshot.get("services", []):
        yield from _lines_of(service, f"{service['slug']} · ")


def _lines_of(part: Mapping[str, Any], begin: str) -> Iterable[tuple[str, str]]:
    for row in part.get("activities", []):
        name = f"{begin}{row['name']}"
        for party, letter in row["letters"].items():
            yield f"{name} · {_label(party)}", letter
        if begin:  # what the activity is stands in the template
            continue
        if row["needs_runbook"]:
            yield f"{name} · {_('Runbook')}", _("only by a runbook")
        yield f"{name} · {_('What it is')}", row["help"] or _ABSENT
    for row in part.get("parties", []):
        for key, word, said in _terms(row):
            if said:
                yield f"{begin}{_label(row['party'])} · {word or key}", said


def _terms(row: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    known = dict(Authority.choices)
    evidence = [f"{each['label']}{'' if each['required'] else ' ' + _('(if there is)')}" for each in row["evidence"]]  # fmt: skip
    return [
        ("team", _("Team"), row["team"]),
        ("authority", _("May"), ", ".join(str(known.get(each, each)) for each in row["authority"])),
        ("scope_in", _("Its work"), row["scope_in"]),
        ("scope_out", _("Not its work"), row["scope_out"]),
        ("entry", _("Takes over when"), row["entry"]),
        ("evidence", _("Asks for"), "; ".join(evidence)),
        ("timebox", _("Timebox"), duration(row["timebox"] * 60) if row["timebox"] else ""),
        ("out_of_hours", _("Out of hours"), row["out_of_hours"]),
        ("hands_to", _("Hands on to"), _label(row["hands_to"]) if row["hands_to"] else ""),
        ("return_path", _("Comes back"), row["return_path"]),
    ]


def _label(party: str) -> str:
    return str(Party(party).label) if party in Party.values else party
