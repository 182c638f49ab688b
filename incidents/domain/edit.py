"""Editing what an incident says, with optimistic concurrency: nobody overwrites what they haven't seen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from core.errors import Changed, Invalid
from core.instants import check_known
from core.types import Actor
from incidents.choices import EntryKind
from incidents.domain.changing import change_severity
from incidents.domain.locks import lock
from incidents.domain.major import call_again
from incidents.domain.opening import choose_severity
from incidents.domain.timeline import record
from incidents.domain.writing import index, save
from incidents.models import Entry, Incident

EDITABLE = (
    "title",
    "summary",
    "impact",
    "urgency",
    "severity",
    "severity_reason",
    "model_version",
    "started_at",
)
_SEVERITY = {"impact", "urgency", "severity", "severity_reason"}


@transaction.atomic
def edit(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    changes: Mapping[str, Any],
    expected_version: int | None = None,
) -> Incident:
    """Change fields named in EDITABLE. A severity that changes moves the promises with it.

    Raises Changed (saying what changed meanwhile) when `expected_version` is older than the record,
    Invalid for fields that can't be edited or values that don't fit.
    """
    incident = lock(incident.pk)
    if expected_version is not None and expected_version != incident.version:
        raise Changed(
            f"{incident.ref} was changed meanwhile. Look at what changed, then save again.",
            extra={"version": incident.version, "changes": _since(incident, expected_version)},
        )
    unknown = sorted(set(changes) - set(EDITABLE))
    if unknown:
        raise Invalid("Not editable: use the verb for it.", fields=dict.fromkeys(unknown, "not editable"))
    before, was = {name: getattr(incident, name) for name in changes}, incident.severity
    _apply(incident, changes, now)
    if _SEVERITY & set(changes):
        _settle_severity(incident, changes)
    after = {name: getattr(incident, name) for name in (*changes, "severity")}
    differing = [name for name in changes if before[name] != after[name]]
    if not differing and incident.severity == was:
        return incident
    save(incident, [*changes, "severity"])
    if incident.severity != was:
        _say_severity(incident, was, actor=actor, now=now)
    words = [name for name in differing if name not in _SEVERITY]
    if words:
        record(
            incident,
            EntryKind.EDIT,
            f"{actor.name} changed {', '.join(name.replace('_', ' ') for name in words)}",
            actor=actor,
            now=now,
            data={name: {"from": str(before[name] or ""), "to": str(after[name] or "")} for name in words},
        )
        incident.save(update_fields=["last_entry", "last_entry_at"])
    index(incident)
    return incident


@transaction.atomic
def raise_severity(incident: Incident, severity: str, *, actor: Actor, now: datetime, why: str) -> Incident:
    """Make it worse, never better: for rules and alerts. Nothing happens when it is as bad already."""
    incident = lock(incident.pk)
    if severity >= incident.severity:
        return incident
    was, incident.severity, incident.severity_reason = incident.severity, severity, why[:300]
    save(incident, ["severity", "severity_reason"])
    _say_severity(incident, was, actor=actor, now=now)
    return incident


def _apply(incident: Incident, changes: Mapping[str, Any], now: datetime) -> None:
    for name, value in changes.items():
        setattr(incident, name, value)
    incident.title = " ".join(incident.title.split())[:200]
    if not incident.title:
        raise Invalid("Say in a few words what is wrong.", fields={"title": "required"})
    check_known("started_at", incident.started_at)
    if incident.started_at > now:
        raise Invalid("It can't have begun in the future.", fields={"started_at": "lies ahead"})
    version = incident.model_version
    if version is not None and version.model.service_id != incident.service_id:
        raise Invalid(
            "That model version belongs to another service.", fields={"model_version": "other service"}
        )


def _settle_severity(incident: Incident, changes: Mapping[str, Any]) -> None:
    given = str(changes.get("severity", ""))
    incident.severity = choose_severity(incident.impact, incident.urgency, given, incident.severity_reason)


def _say_severity(incident: Incident, was: str, *, actor: Actor, now: datetime) -> None:
    """Say it and, while it is open, let promises and calls follow. What has ended is only set right."""
    if incident.is_open:
        change_severity(incident, now=now)
    why = f": {incident.severity_reason}" if incident.severity_reason else ""
    record(
        incident,
        EntryKind.SEVERITY,
        f"{actor.name} made it {incident.severity}{why}",
        actor=actor,
        now=now,
        data={"severity": incident.severity},
    )
    incident.save(update_fields=["last_entry", "last_entry_at"])
    if incident.is_open and incident.severity < was:
        call_again(incident, actor=actor, now=now)


def _since(incident: Incident, version: int) -> list[dict[str, str]]:
    """The latest lines of the timeline, as what happened since an older copy was read."""
    count = max(1, min(incident.version - version, 10)) if incident.version > version else 0
    lines = Entry.objects.filter(incident=incident).order_by("-pk")[:count]
    return [
        {"at": line.recorded_at.isoformat(), "by": line.actor_name, "what": line.text[:200]} for line in lines
    ]
