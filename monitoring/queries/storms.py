"""Rates and storms, for pages, programs and the room above."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, Min, OuterRef, Sum

from monitoring.domain.pace import MINUTE, Pace, is_storm, minute_of
from monitoring.models import IntakeMinute, Integration, ServiceStorm

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Load:
    """How busy an integration is. Counts are alerts, by minute of arrival.

    `peak` is the busiest minute of a day; `coalesced` those of the hour that were counted together;
    `since` the minute in which the present storm began, None when there is none.
    """

    rate: int
    minute: int = 0
    last_minute: int = 0
    hour: int = 0
    peak: int = 0
    peak_at: datetime | None = None
    coalesced: int = 0
    since: datetime | None = None

    @property
    def is_storm(self) -> bool:
        return self.since is not None


def loads(integrations: Iterable[Integration], now: datetime) -> dict[int, Load]:
    """The load of each, by its id. One query over a day's minutes of these integrations."""
    doors = {door.pk: door for door in integrations}
    minutes: dict[int, list[tuple[datetime, int, int]]] = {pk: [] for pk in doors}
    rows = (
        IntakeMinute.objects.filter(integration_id__in=doors, minute__gt=now - DAY, minute__lte=now)
        .order_by("integration_id", "minute")
        .values_list("integration_id", "minute")
        .annotate(Sum("alerts"), Sum("coalesced"))
    )
    for pk, minute, alerts, coalesced in rows:
        minutes[pk].append((minute, alerts, coalesced))
    return {pk: load(doors[pk].rate, minutes[pk], now) for pk in doors}


def load(rate: int, minutes: list[tuple[datetime, int, int]], now: datetime) -> Load:
    """The load from (minute, alerts, coalesced) of a day, oldest first. Pure."""
    this = minute_of(now)
    alerts = {minute: count for minute, count, _ in minutes}
    peak = max(minutes, key=lambda each: each[1], default=None)
    hour = [each for each in minutes if each[0] > now - HOUR]
    pace = Pace(rate, this, alerts.get(this, 0), alerts.get(this - MINUTE, 0))
    return Load(
        rate=rate,
        minute=pace.this,
        last_minute=pace.last,
        hour=sum(count for _, count, _ in hour),
        peak=peak[1] if peak else 0,
        peak_at=peak[0] if peak else None,
        coalesced=sum(coalesced for _, _, coalesced in hour),
        since=_since(minutes, this) if is_storm(pace, now) else None,
    )


def _since(minutes: list[tuple[datetime, int, int]], this: datetime) -> datetime:
    """The first of the stormy minutes in a row that reach up to now. A minute that only began doesn't break it."""
    stormy = {minute for minute, _, coalesced in minutes if coalesced}
    began = this if this in stormy else this - MINUTE
    while began - MINUTE in stormy:
        began -= MINUTE
    return began


def alerts_by_minute(integration: Integration, since: datetime, until: datetime) -> dict[datetime, int]:
    """How many alerts it sent in each minute from `since` to `until`, as counted so far. One query on a few rows."""
    rows = IntakeMinute.objects.filter(
        integration_id=integration.pk, minute__gte=since, minute__lte=until
    ).order_by()
    return dict(rows.values_list("minute").annotate(Sum("alerts")))


def read_pace(integration: Integration, at: datetime) -> Pace:
    """The pace as it is counted so far. One query on a few rows."""
    minute = minute_of(at)
    counted = alerts_by_minute(integration, minute - MINUTE, minute)
    return Pace(integration.rate, minute, counted.get(minute, 0), counted.get(minute - MINUTE, 0))


def is_coalescing(integration: Integration, now: datetime) -> bool:
    """Whether what it sends now is counted together. One query on the rows of two minutes."""
    return is_storm(read_pace(integration, now), now)


@dataclass(frozen=True, slots=True)
class Felt:
    """What a storm brought to one service since it began."""

    alerts: int
    fresh: int
    last_at: datetime | None


def felt(service_id: int, since: datetime) -> Felt:
    """Coalesced alerts of a service from the minute `since` on, and when a worker last counted one. One query."""
    found = IntakeMinute.objects.filter(service_id=service_id, minute__gte=since, coalesced__gt=0).aggregate(
        alerts=Sum("coalesced"), fresh=Sum("fresh"), last_at=Max("counted_at")
    )
    return Felt(found["alerts"] or 0, found["fresh"] or 0, found["last_at"])


def began(service_id: int, counted_since: datetime) -> datetime | None:
    """The first minute with coalesced alerts of a service among those counted from a moment on. One query."""
    found = IntakeMinute.objects.filter(
        service_id=service_id, coalesced__gt=0, counted_at__gte=counted_since
    ).aggregate(first=Min("minute"))
    first: datetime | None = found["first"]
    return first


def ended_up_in() -> Exists:
    """Whether a storm ended up in the incident of the outer row: a column of a queryset of incidents."""
    return Exists(ServiceStorm.objects.filter(incident_id=OuterRef("pk")))


def storms_of(incident_ids: Collection[int]) -> list[ServiceStorm]:
    """Storms that ended up in these incidents, newest first. One query."""
    return list(ServiceStorm.objects.filter(incident_id__in=incident_ids).order_by("-began_at", "-pk"))


@dataclass(frozen=True, slots=True)
class IntakeFigures:
    """What the intake counts, for machines that watch: by integration, and how many services feel a storm."""

    integrations: list[tuple[Integration, Load]]
    services_in_storm: int


def intake_figures(now: datetime) -> IntakeFigures:
    """Every active integration with its load; three queries."""
    doors = list(Integration.objects.filter(is_active=True).order_by("pk"))
    found = loads(doors, now)
    storms = ServiceStorm.objects.filter(ended_at__isnull=True).count()
    return IntakeFigures([(door, found[door.pk]) for door in doors], storms)
