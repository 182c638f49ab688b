"""Numbers as flat rows (for spreadsheets) and as JSON (for programs). Pure."""

from collections.abc import Iterator
from datetime import timedelta

from reporting.types import Json, Kept, Numbers, Summary, seconds
from services.choices import Severity

Row = tuple[str, str, str, float | int | str, str]
_TIMES = ("acknowledge_p50", "acknowledge_p90", "resolve_p50", "resolve_p90")


def rows_of(found: Numbers) -> Iterator[Row]:
    """Measure, period, severity, value, unit; unknown values are empty."""
    for period, summary in (("now", found.now), ("before", found.before)):
        yield "opened", period, "", summary.opened, "incidents"
        yield "reopened", period, "", summary.reopened, "times"
        for name in _TIMES:
            yield name, period, "", _number(getattr(summary, name)), "seconds"
    for week in found.weeks:
        day = week.start.date().isoformat()
        for severity, count in zip(Severity, week.counts, strict=True):
            yield "opened", day, severity.value, count, "incidents"
        for name in _TIMES:
            yield name, day, "", _number(getattr(week, name)), "seconds"
    for period, kept in (("now", found.kept), ("before", found.kept_before)):
        for row in kept:
            yield f"{row.kind}_decided", period, row.severity, row.decided, "promises"
            yield f"{row.kind}_kept", period, row.severity, row.kept, "promises"
    for slug, count in found.services:
        yield f"opened:{slug}", "now", "", count, "incidents"


def json_of(found: Numbers) -> Json:
    """The read model for the API: instants in ISO 8601 UTC, times in seconds."""
    scope = found.scope
    return {
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "filters": {"client": scope.client, "service": scope.service, "severity": scope.severity},
        "now": _summary(found.now),
        "before": _summary(found.before),
        "weeks": [
            {
                "start": week.start.date().isoformat(),
                "opened": dict(zip((s.value for s in Severity), week.counts, strict=True)),
                **{f"{name}_seconds": seconds(getattr(week, name)) for name in _TIMES},
            }
            for week in found.weeks
        ],
        "promises": [_kept(row) for row in found.kept],
        "promises_before": [_kept(row) for row in found.kept_before],
        "services": [{"service": slug, "opened": count} for slug, count in found.services],
    }


def _summary(summary: Summary) -> Json:
    times = {f"{name}_seconds": seconds(getattr(summary, name)) for name in _TIMES}
    return {"opened": summary.opened, "reopened": summary.reopened, **times}


def _kept(row: Kept) -> Json:
    share = row.percent
    return {
        "kind": row.kind,
        "severity": row.severity,
        "decided": row.decided,
        "kept": row.kept,
        "percent": None if share is None else round(share, 2),
    }


def _number(span: timedelta | None) -> float | str:
    return "" if span is None else round(span.total_seconds(), 1)
