"""What an incident did to those who use a service: windows said by people, ended by the incident."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from core.errors import Invalid
from services.choices import Effect
from services.models import ImpactWindow, Service

_ALL = Decimal(100)


@transaction.atomic
def say(
    service: Service,
    *,
    incident_id: int,
    incident_ref: str,
    effect: str,
    share: Decimal,
    starts_at: datetime,
    ends_at: datetime | None,
    note: str = "",
) -> ImpactWindow | None:
    """What is said last of an incident holds: its earlier windows keep only what lies outside the new one.

    Effect "" takes back what was said of that time, and returns None. An end of None goes on until the incident ends
    it. The caller holds the incident's lock. Raises Invalid, with the fields at fault.
    """
    faults = _faults(effect, share, starts_at, ends_at)
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)
    _make_room(incident_id, starts_at, ends_at)
    if not effect:
        return None
    return ImpactWindow.objects.create(
        service=service,
        incident_id=incident_id,
        incident_ref=incident_ref,
        starts_at=starts_at,
        ends_at=ends_at,
        effect=effect,
        share=_ALL if effect == Effect.DOWN else share,
        note=note.strip()[:300],
    )


def is_said(
    incident_id: int, *, effect: str, share: Decimal, starts_at: datetime, ends_at: datetime | None
) -> bool:
    """Whether exactly this window stands already."""
    return ImpactWindow.objects.filter(
        incident_id=incident_id,
        effect=effect,
        share=_ALL if effect == Effect.DOWN else share,
        starts_at=starts_at,
        ends_at=ends_at,
    ).exists()


def end(incident_id: int, *, now: datetime) -> int:
    """Windows of an incident that go on end now, those that would begin later are gone; how many were ended."""
    going_on = ImpactWindow.objects.filter(incident_id=incident_id, ends_at=None)
    going_on.filter(starts_at__gte=now).delete()
    return going_on.update(ends_at=now)


def drop(incident_id: int) -> int:
    """An incident that should not have been opened did nothing to anybody; how many windows are gone."""
    return ImpactWindow.objects.filter(incident_id=incident_id).delete()[0]


def _make_room(incident_id: int, starts_at: datetime, ends_at: datetime | None) -> None:
    overlapping = ImpactWindow.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=starts_at), incident_id=incident_id
    )
    if ends_at is not None:
        overlapping = overlapping.filter(starts_at__lt=ends_at)
    for window in overlapping.select_for_update():
        outlives = ends_at is not None and (window.ends_at is None or window.ends_at > ends_at)
        rest = window.ends_at
        if window.starts_at < starts_at:
            window.ends_at = starts_at
            window.save(update_fields=["ends_at"])
        else:
            window.delete()
        if outlives and ends_at is not None:
            window.pk, window.starts_at, window.ends_at = None, ends_at, rest
            window.save(force_insert=True)


def _faults(effect: str, share: Decimal, starts_at: datetime, ends_at: datetime | None) -> dict[str, str]:
    faults = {}
    if effect and effect not in Effect.values:
        faults["effect"] = f"One of {', '.join(Effect.values)}, or none."
    if effect == Effect.DEGRADED and not 0 < share <= _ALL:
        faults["share"] = "The percent of requests that failed: above 0, at most 100."
    if ends_at is not None and ends_at <= starts_at:
        faults["ends_at"] = "The end lies after the beginning."
    return faults
