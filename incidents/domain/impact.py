"""Who was hurt, and when: a person says it, the windows stand with the service and count against its time up.

Severity proposes what the form shows first; nothing is counted until somebody says so.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from core.errors import Invalid
from core.instants import check_known
from core.types import Actor
from core.ui.words import duration
from incidents.choices import EntryKind, State, Visibility
from incidents.domain.locks import lock
from incidents.domain.states import would_change
from incidents.domain.timeline import record
from incidents.domain.writing import save
from incidents.models import Incident
from services.choices import Effect, Severity
from services.domain import impact as windows
from services.models import ImpactWindow

NONE = "none"
PROPOSED = {
    Severity.SEV1: (Effect.DOWN.value, Decimal(100)),
    Severity.SEV2: (Effect.DEGRADED.value, Decimal(50)),
    Severity.SEV3: (Effect.DEGRADED.value, Decimal(10)),
    Severity.SEV4: (NONE, Decimal(0)),
}


@transaction.atomic
def impact(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    effect: str,
    share: Decimal | str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    note: str = "",
) -> Incident:
    """Say what the service's users felt: `down`, `degraded` (with `share`, the percent that failed) or `none`.

    From `starts_at` (the incident's beginning) to `ends_at` (still going on; where the incident is mitigated or over,
    that instant). What is said last holds: it replaces what was said before of the same time, and `none` takes that
    back. Saying the same again changes nothing. Raises Invalid with the fields at fault, IllegalState when cancelled.
    """
    incident = lock(incident.pk)
    would_change("impact", incident.state)
    if effect not in {*Effect.values, NONE}:
        raise Invalid(
            "Say what its users felt.", fields={"effect": f"one of {', '.join(Effect.values)}, {NONE}"}
        )
    chosen = "" if effect == NONE else effect
    part = _share(chosen, share, incident.severity)
    start = starts_at or incident.started_at
    end = ends_at or _ended(incident)
    _check(start, end, now)
    if chosen and windows.is_said(incident.pk, effect=chosen, share=part, starts_at=start, ends_at=end):
        return incident
    windows.say(
        incident.service,
        incident_id=incident.pk,
        incident_ref=incident.ref,
        effect=chosen,
        share=part,
        starts_at=start,
        ends_at=end,
        note=note,
    )
    record(
        incident,
        EntryKind.IMPACT,
        f"{actor.name} said: {_words(chosen, part, start, end, now)}",
        actor=actor,
        now=now,
        visibility=Visibility.CLIENT,
        data=_data(effect, part, start, end, note),
    )
    save(incident, [])
    return incident


def over(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """It hurts nobody any more: what goes on ends at `now`, and the timeline says so. The caller holds the lock."""
    if windows.end(incident.pk, now=now):
        record(
            incident, EntryKind.IMPACT, "The impact ended", actor=actor, now=now, visibility=Visibility.CLIENT
        )  # fmt: skip


def never_was(incident: Incident) -> None:
    """It should not have been opened: it hurt nobody. The caller holds the lock."""
    windows.drop(incident.pk)


def proposal(incident: Incident, now: datetime) -> dict[str, Any]:
    """What a form shows first: by severity; from the beginning, or from now once something was said and has ended."""
    effect, share = PROPOSED[Severity(incident.severity)]
    said = ImpactWindow.objects.filter(incident_id=incident.pk).order_by("-starts_at", "-pk").first()
    if said is None:
        return {
            "effect": effect,
            "share": share,
            "starts_at": incident.started_at,
            "ends_at": _ended(incident),
        }
    start = said.starts_at if said.ends_at is None or not incident.is_open else now
    return {
        "effect": said.effect,
        "share": said.share,
        "starts_at": start,
        "ends_at": said.ends_at and _ended(incident),
    }


def _ended(incident: Incident) -> datetime | None:
    """When an incident that says no more hurt itself stopped hurting; None while it may."""
    if incident.state == State.MITIGATED:
        return incident.mitigated_at
    if incident.is_open:
        return None
    return incident.mitigated_at or incident.resolved_at


def _share(effect: str, given: Decimal | str | None, severity: str) -> Decimal:
    if effect != Effect.DEGRADED:
        return Decimal(100)
    if given is None or given == "":
        return PROPOSED[Severity(severity)][1] or Decimal(10)
    try:
        share = Decimal(given)
    except InvalidOperation:
        share = Decimal("NaN")
    if not share.is_finite() or share != round(share, 2):
        raise Invalid("The share is a percent, such as 12.5.", fields={"share": "not a percent"})
    return share


def _check(start: datetime, end: datetime | None, now: datetime) -> None:
    check_known("starts_at", start)
    check_known("ends_at", end)
    if start > now:
        raise Invalid(
            "It can't hurt before it began: choose a beginning that has been.",
            fields={"starts_at": "in the future"},
        )
    if end is not None and end > now:
        raise Invalid("Leave the end empty while it goes on.", fields={"ends_at": "in the future"})


def _words(effect: str, share: Decimal, start: datetime, end: datetime | None, now: datetime) -> str:
    if not effect:
        what = "no impact"
    elif effect == Effect.DOWN:
        what = "the service was down" if end else "the service is down"
    else:
        what = f"{share.normalize():f} % of requests {'failed' if end else 'fail'}"
    length = duration(((end or now) - start).total_seconds())
    return f"{what}, for {length}" if end else f"{what}, for {length} so far"


def _data(effect: str, share: Decimal, start: datetime, end: datetime | None, note: str) -> dict[str, Any]:
    said = {"effect": effect, "share": str(share), "starts_at": start.isoformat()}
    return {
        **said,
        "ends_at": end.isoformat() if end else None,
        **({"note": note.strip()[:300]} if note.strip() else {}),
    }
