"""Objectives of the demo with five weeks of what they counted, what incidents did to users, and planned work."""

# ruff: noqa: E501 - tables, one row a line

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from accounts.models import User
from config.demo import DEMO_LEAD
from core.types import person
from incidents.choices import Resolution
from incidents.models import Incident
from services.domain import maintenance, objectives
from services.models import ImpactWindow, Objective, Service
from services.queries.objectives import standings

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COUNTED = timedelta(days=34)
# what has just ended would burn a budget while the demo is looked at, and call somebody
QUIET = timedelta(days=4)

POLICY = (
    "At risk: releases of this service need the service lead's word, and the next sprint takes two items from its list of weak points.\n\n"
    "Exhausted: only changes that make it better until three quarters of the budget are back."
)

# slug, service, name, indicator, unit, side, threshold, target, window, zone
OBJECTIVES: list[tuple[str, str, str, str, str, str, float | None, str, str, str]] = [
    ("fraud-scorer-fast", "fraud-scorer", "Scores within 80 ms", "events", "requests", "", None, "99.5", "rolling_28d", "America/Bogota"),
    ("fraud-scorer-up", "fraud-scorer", "Scoring is up", "availability", "", "", None, "99.9", "rolling_30d", "America/Bogota"),
    ("kyc-match-answered", "kyc-match", "Matches are answered", "events", "matches", "", None, "99.9", "rolling_28d", "America/Bogota"),
    ("doc-extract-fast", "doc-extract", "Pages read within 5 s", "events", "pages", "", None, "99.5", "calendar_month", "Europe/London"),
    ("doc-extract-f1", "doc-extract", "Field F1", "samples", "F1", "at_least", 0.94, "95", "rolling_28d", "Europe/London"),
    ("triage-ranker-right", "triage-ranker", "Urgent letters on top", "events", "letters", "", None, "99.5", "rolling_28d", "Europe/London"),
    ("feature-store-fresh", "feature-store", "Features are fresh", "samples", "s", "at_most", 300.0, "99", "rolling_30d", "UTC"),
    ("demand-forecast-up", "demand-forecast", "Orders can be fetched", "availability", "", "", None, "99.5", "calendar_month", "Europe/London"),
]  # fmt: skip

# slug: events in five minutes, share that is bad as a rule, then (days ago, hours, share) of what went wrong
COUNTS: dict[str, tuple[int, float, list[tuple[float, float, float]]]] = {
    "fraud-scorer-fast": (4_200, 0.0012, [(19.3, 1.5, 0.06), (8.6, 0.7, 0.2)]),
    "kyc-match-answered": (160, 0.0002, [(16.4, 1.0, 0.12), (6.2, 2.2, 0.17)]),
    "doc-extract-fast": (140, 0.0015, [(12.1, 1.0, 0.2), (5.4, 1.5, 0.25)]),
    "doc-extract-f1": (6, 0.008, [(9.7, 14.0, 0.45)]),
    "triage-ranker-right": (50, 0.001, [(21.5, 2.0, 0.3), (5.1, 3.5, 0.93)]),
    "feature-store-fresh": (20, 0.001, [(11.2, 3.0, 0.9)]),
}

# Deterministic, and one statement: five weeks are ten thousand rows an objective.
_FILL = """
INSERT INTO services_indicatorbucket (objective_id, starts_at, good, total)
SELECT %(id)s, t, total - least(total, floor(total * (share + luck * %(usual)s * 2) + chance)::bigint), total
FROM (
    SELECT t, luck, chance, round(%(size)s * (1 + 0.3 * sin(extract(epoch FROM t) / 13751)))::bigint AS total,
        COALESCE((SELECT max(rate) FROM unnest(%(from)s::timestamptz[], %(to)s::timestamptz[], %(rate)s::float[])
            AS trouble(start, stop, rate) WHERE t >= start AND t < stop), 0) AS share
    FROM (
        SELECT t, abs(hashint8(extract(epoch FROM t)::bigint + %(id)s) %% 1000) / 1000.0 AS luck,
            abs(hashint8(extract(epoch FROM t)::bigint - %(id)s) %% 1000) / 1000.0 AS chance
        FROM generate_series(%(begin)s::timestamptz, %(end)s::timestamptz, interval '5 minutes') AS t
    ) AS moments
) AS counted
"""


def load_objectives(now: datetime) -> int:
    """Objectives through the real verb, their counts in one statement each; how many objectives."""
    lead = User.objects.get(email=DEMO_LEAD)
    services = {service.slug: service for service in Service.objects.select_related("client")}
    _impact(now)
    _work(services, lead, now)
    made = [_objective(row, services, lead, now) for row in OBJECTIVES]
    for objective in made:
        if objective.slug in COUNTS:
            _count(objective, now)
    objectives.remember(standings(made, now), now=now)
    return len(made)


def _objective(
    row: tuple[str, str, str, str, str, str, float | None, str, str, str],
    services: dict[str, Service],
    lead: User,
    now: datetime,
) -> Objective:
    slug, service, name, indicator, unit, side, threshold, target, window, zone = row
    return objectives.create(
        Objective(
            slug=slug,
            service=services[service],
            model=services[service].models.first(),
            name=name,
            indicator=indicator,
            unit=unit,
            direction=side,
            threshold=threshold,
            target=Decimal(target),
            window=window,
            zone=zone,
            policy=POLICY,
            owner=lead,
        ),
        actor=person(lead),
        now=now,
    )


def _count(objective: Objective, now: datetime) -> None:
    size, usual, trouble = COUNTS[objective.slug]
    begin = now.replace(minute=0, second=0, microsecond=0) - COUNTED
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "id": objective.pk,
                "size": size,
                "usual": usual,
                "begin": begin,
                "end": now - timedelta(minutes=5),
                "from": [now - ago * DAY for ago, _hours, _rate in trouble],
                "to": [now - ago * DAY + hours * HOUR for ago, hours, _rate in trouble],
                "rate": [rate for _ago, _hours, rate in trouble],
            },
        )


def _impact(now: datetime) -> None:
    """What the gravest incidents of the last two months did to users, as somebody would have said."""
    grave = Incident.objects.filter(
        severity__in=["SEV1", "SEV2"],
        resolved_at__lt=now - QUIET,
        started_at__gt=now - 60 * DAY,
    ).exclude(resolution=Resolution.NO_FAULT)
    ImpactWindow.objects.bulk_create(
        ImpactWindow(
            service_id=incident.service_id,
            incident_id=incident.pk,
            incident_ref=incident.ref,
            starts_at=incident.started_at,
            ends_at=_ended(incident),
            effect="down" if incident.severity == "SEV1" else "degraded",
            share=100 if incident.severity == "SEV1" else 20,
            note="Answers failed"
            if incident.severity == "SEV1"
            else "Part of the answers were late or wrong",
        )
        for incident in grave.order_by("-started_at", "-pk")[:12]
    )


def _ended(incident: Incident) -> datetime:
    """Users felt the first part of it: most was fixed before it was closed."""
    end = incident.mitigated_at or incident.resolved_at or incident.started_at
    return min(end, incident.started_at + (HOUR if incident.severity == "SEV2" else HOUR / 3))


def _work(services: dict[str, Service], lead: User, now: datetime) -> None:
    """One that was, and one to come. Each was planned and announced two days before."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    for names, title, start, hours in (
        (["feature-store", "batch-orchestrator"], "Move to faster disks", hour - 12 * DAY, 2),
        (["fraud-scorer", "kyc-match"], "Renew the GPU drivers, one node at a time", hour + 3 * DAY, 1.5),
    ):
        maintenance.plan(
            [services[name] for name in names],
            title=title,
            starts_at=start,
            ends_at=start + hours * HOUR,
            announced=True,
            note="Answers may be late for some seconds while a node is away.",
            actor=person(lead),
            now=min(now, start - 2 * DAY),
        )
