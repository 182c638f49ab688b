"""Numbers of a period beside the one before. Percentiles are PostgreSQL's; definitions in docs/numbers.md."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from incidents.choices import State
from incidents.models import Incident
from incidents.queries.promises import IN_TIME, decided
from incidents.queries.visible import incidents_listed_to
from reporting.types import Kept, Numbers, Scope, Summary, Week
from services.choices import Severity

TOP_SERVICES = 8
WEEK = timedelta(days=7)
_SEVERITIES = [severity.value for severity in Severity]


class Percentile(Aggregate):
    """`percentile_cont`: the value below which `share` (0 to 1) of the rows lie; unknown ones don't count."""

    name = "Percentile"
    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, output_field=DurationField(), **extra)


def _span(end: str) -> ExpressionWrapper:
    return ExpressionWrapper(F(end) - F("opened_at"), output_field=DurationField())


def counted(user: Any, scope: Scope) -> QuerySet[Incident]:
    """Incidents of both periods that count: visible, not cancelled, within the scope's filters."""
    found = (
        incidents_listed_to(user)
        .filter(opened_at__gte=scope.before, opened_at__lt=scope.end)
        .exclude(state=State.CANCELLED)
        .order_by()
    )
    if scope.client:
        found = found.filter(service__client__slug=scope.client)
    if scope.service:
        found = found.filter(service__slug=scope.service)
    if scope.severity:
        found = found.filter(severity=scope.severity)
    return found


def numbers(user: Any, scope: Scope) -> Numbers:
    """Everything of the numbers page, in four queries."""
    rows = counted(user, scope)
    now, before = _summaries(rows, scope)
    kept, kept_before = _kept(rows, scope)
    present = rows.filter(opened_at__gte=scope.start)
    services = present.values_list("service__slug").annotate(n=Count("pk")).order_by("-n", "service__slug")
    return Numbers(
        scope, now, before, _weeks(present, scope), kept, kept_before, tuple(services[:TOP_SERVICES])
    )


def _summaries(rows: QuerySet[Incident], scope: Scope) -> tuple[Summary, Summary]:
    found = rows.aggregate(
        **_period("now", Q(opened_at__gte=scope.start)), **_period("before", Q(opened_at__lt=scope.start))
    )
    return _summary(found, "now"), _summary(found, "before")


def _period(name: str, within: Q) -> dict[str, Any]:
    return {
        f"{name}_opened": Count("pk", filter=within),
        f"{name}_ack50": Percentile(_span("acknowledged_at"), 0.5, filter=within),
        f"{name}_ack90": Percentile(_span("acknowledged_at"), 0.9, filter=within),
        f"{name}_res50": Percentile(_span("resolved_at"), 0.5, filter=within),
        f"{name}_res90": Percentile(_span("resolved_at"), 0.9, filter=within),
        f"{name}_reopened": Sum("reopened_count", filter=within, default=0),
    }


def _summary(found: dict[str, Any], name: str) -> Summary:
    keys = ("opened", "ack50", "ack90", "res50", "res90", "reopened")
    return Summary(*(found[f"{name}_{key}"] for key in keys))


def _weeks(rows: QuerySet[Incident], scope: Scope) -> tuple[Week, ...]:
    """Every week that the period touches, empty ones too."""
    found: dict[datetime, Any] = {
        row["week"]: row
        for row in rows.values(week=TruncWeek("opened_at", tzinfo=UTC)).annotate(
            **{severity: Count("pk", filter=Q(severity=severity)) for severity in _SEVERITIES},
            ack50=Percentile(_span("acknowledged_at"), 0.5),
            ack90=Percentile(_span("acknowledged_at"), 0.9),
            res50=Percentile(_span("resolved_at"), 0.5),
            res90=Percentile(_span("resolved_at"), 0.9),
        )
    }
    start = monday(scope.start)
    weeks = []
    while start < scope.end:
        row = found.get(start)
        weeks.append(
            Week(
                start,
                tuple(row[s] for s in _SEVERITIES),
                row["ack50"],
                row["ack90"],
                row["res50"],
                row["res90"],
            )
            if row
            else Week(start, (0,) * len(_SEVERITIES), None, None, None, None)
        )
        start += WEEK
    return tuple(weeks)


def monday(at: datetime) -> datetime:
    """Monday 00:00 UTC of the week that `at` lies in."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _kept(rows: QuerySet[Incident], scope: Scope) -> tuple[tuple[Kept, ...], tuple[Kept, ...]]:
    """Decided promises: kept or broken. A promise that still counts and isn't late is not decided."""
    present = Q(incident__opened_at__gte=scope.start)
    found = list(
        decided()
        .filter(incident__in=rows)
        .values("kind", now_severity=F("incident__severity"))
        .annotate(
            now_decided=Count("pk", filter=present),
            now_kept=Count("pk", filter=present & IN_TIME),
            all_decided=Count("pk"),
            all_kept=Count("pk", filter=IN_TIME),
        )
        .order_by("kind", "now_severity")
    )
    now = tuple(Kept(row["kind"], row["now_severity"], row["now_decided"], row["now_kept"]) for row in found)
    before = tuple(
        Kept(
            row["kind"],
            row["now_severity"],
            row["all_decided"] - row["now_decided"],
            row["all_kept"] - row["now_kept"],
        )
        for row in found
    )
    return now, before
