"""Lines of the timeline. Each is a domain event too: append-only, with its time and its actor."""

from datetime import datetime
from typing import Any

from core.types import Actor
from incidents.choices import EntryKind, Visibility
from incidents.models import Entry, Incident


def record(
    incident: Incident,
    kind: EntryKind,
    text: str,
    *,
    actor: Actor,
    now: datetime,
    happened_at: datetime | None = None,
    visibility: Visibility = Visibility.INTERNAL,
    data: dict[str, Any] | None = None,
) -> Entry:
    """Add a line and remember it on the incident as its last one.

    The caller holds the incident's lock and saves `last_entry` and `last_entry_at` with its own
    fields (see `LINE_FIELDS`). `happened_at` is when it happened where that differs from `now`.
    """
    entry = entry_for(
        incident, kind, text, actor=actor, now=now, happened_at=happened_at, visibility=visibility, data=data
    )
    entry.save(force_insert=True)
    return entry


def entry_for(
    incident: Incident,
    kind: EntryKind,
    text: str,
    *,
    actor: Actor,
    now: datetime,
    happened_at: datetime | None = None,
    visibility: Visibility = Visibility.INTERNAL,
    data: dict[str, Any] | None = None,
) -> Entry:
    """As `record`, for many lines at once: the line itself is left to the caller to store."""
    incident.last_entry = summarise(kind, text, actor)
    incident.last_entry_at = now
    return Entry(
        incident=incident,
        kind=kind,
        visibility=visibility,
        happened_at=happened_at or now,
        recorded_at=now,
        actor_kind=actor.kind,
        actor=actor.user,
        actor_name=actor.name[:160],
        text=text,
        data={**(data or {}), **({"via": actor.via} if actor.via else {})},
    )


LINE_FIELDS = ["last_entry", "last_entry_at"]


def summarise(kind: str, text: str, actor: Actor) -> str:
    """One line for lists: who said what, cut to fit."""
    words = " ".join(text.split())
    if kind in {EntryKind.NOTE, EntryKind.LINK}:
        words = f"{actor.name.split()[0] if actor.name else 'Somebody'}: {words}"
    return words if len(words) <= 200 else words[:199] + "…"
