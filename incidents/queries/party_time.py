"""How long each party held the work of many incidents, for reports."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least

from incidents.models import Incident, PartyInterval


def by_incident(incidents: QuerySet[Incident], now: datetime) -> dict[int, dict[str, timedelta]]:
    """The incident's key → party → how long it held the work, up to `now`. One query, however many incidents."""
    found: dict[int, dict[str, timedelta]] = defaultdict(dict)
    rows = _held(incidents, now).order_by().values("incident", "party").annotate(whole=Sum("length"))
    for row in rows:
        found[row["incident"]][row["party"]] = row["whole"]
    return dict(found)


def told(incident: Incident, now: datetime, *, inside: bool) -> dict[str, Any]:
    """One incident's stretches, totals (in the order in which the parties first had it) and hand-offs as plain values.

    Readers outside the team see neither teams nor hand-offs. Two queries, one for them.
    """
    rows = list(incident.party_intervals.select_related("team"))
    lengths: dict[str, float] = {}
    for row in rows:
        length = max(((row.ends_at or now) - row.starts_at).total_seconds(), 0)
        lengths[row.party] = lengths.get(row.party, 0) + length
    whole = sum(lengths.values()) or 1
    hand_offs = incident.hand_offs.select_related("from_team", "to_team", "accepted_by", "bounced_by")
    return {
        "party": incident.party,
        "intervals": [
            {
                "party": row.party,
                "team": row.team.slug if inside and row.team else None,
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
            }
            for row in rows
        ],
        "totals": [
            {"party": party, "seconds": int(length), "share": round(length / whole, 4)}
            for party, length in lengths.items()
        ],
        "hand_offs": list(hand_offs) if inside else [],
    }


def totals(
    incidents: QuerySet[Incident], now: datetime, *, within: tuple[datetime, datetime] | None = None
) -> Mapping[str, timedelta]:
    """Party → how long it held the work of all of them, up to `now`; of a stretch only what lies `within` it. One query."""
    rows = _held(incidents, now, within).order_by().values("party").annotate(whole=Sum("length"))
    return {row["party"]: row["whole"] for row in rows}


def _held(
    incidents: QuerySet[Incident], now: datetime, within: tuple[datetime, datetime] | None = None
) -> Any:
    start: Any = F("starts_at")
    end: Any = Least(Coalesce("ends_at", Value(now)), Value(now))
    rows = PartyInterval.objects.filter(incident__in=incidents.order_by().values("pk"))
    if within is not None:
        rows = rows.filter(starts_at__lt=within[1]).exclude(ends_at__lte=within[0])
        start, end = Greatest(start, Value(within[0])), Least(end, Value(within[1]))
    length = ExpressionWrapper(Greatest(end, start) - start, output_field=DurationField())
    return rows.annotate(length=length)
