"""From numbers to charts and sentences. Pure: a read model in, drawings out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from core.ui.charts import BarRow, LineChart, StackChart, StackRow, duration_ceiling, line_chart, stack_chart
from core.ui.words import duration
from reporting import links
from reporting.types import Kept, Numbers, Scope, Week, seconds
from services.choices import PromiseKind

GOOD, FAIR = 95.0, 85.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the head: what it was in the period before stands small beside it."""

    value: str
    label: str
    before: str
    url: str


@dataclass(frozen=True, slots=True)
class PromiseBars:
    """Promises of one kind by severity, with one sentence."""

    title: str
    rows: tuple[BarRow, ...]
    sentence: str


def behind(scope: Scope, start: datetime | None = None, end: datetime | None = None, **more: str) -> str:
    """The list behind a number: the same filters and period on the board."""
    filters = {
        "view": "all",
        "client": scope.client,
        "service": scope.service,
        "severity": scope.severity,
        "opened_after": _stamp(start or scope.start),
        "opened_before": _stamp(end or scope.end),
        "cancelled": "false",
        **more,
    }
    return links.board(**filters)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def head(found: Numbers) -> list[Figure]:
    """Volume, times and promises, each beside the period before."""
    now, before = found.now, found.before
    everything = behind(found.scope)
    acknowledged, resolved = behind(found.scope, acknowledged="true"), behind(found.scope, resolved="true")

    def share(kind: str) -> tuple[str, str]:
        return _share(found.kept_percent(kind)), _share(found.kept_percent(kind, before=True))

    rows = [
        (_("incidents"), str(now.opened), str(before.opened), everything),
        (
            _("to acknowledge, median"),
            _said(now.acknowledge_p50),
            _said(before.acknowledge_p50),
            acknowledged,
        ),
        (_("to acknowledge, p90"), _said(now.acknowledge_p90), _said(before.acknowledge_p90), acknowledged),
        (_("to resolve, median"), _said(now.resolve_p50), _said(before.resolve_p50), resolved),
        (_("to resolve, p90"), _said(now.resolve_p90), _said(before.resolve_p90), resolved),
        (_("acknowledged in time"), *share("acknowledge"), behind(found.scope, promise="acknowledge")),
        (_("resolved in time"), *share("resolve"), behind(found.scope, promise="resolve")),
    ]
    return [Figure(value, label, was, url) for label, value, was, url in rows]


def volume(found: Numbers) -> StackChart:
    """Incidents a week by severity."""
    rows = [StackRow(_label(week), week.counts, _week_url(found.scope, week)) for week in found.weeks]
    change = found.now.opened - found.before.opened
    if found.now.opened == 0:
        sentence = _("Nothing was opened in this period.")
    elif change == 0:
        sentence = _("%(n)d incidents, as many as in the period before.") % {"n": found.now.opened}
    else:
        words = (
            _("%(n)d incidents, %(d)d fewer than in the period before.")
            if change < 0
            else _("%(n)d incidents, %(d)d more than in the period before.")
        )
        sentence = words % {"n": found.now.opened, "d": abs(change)}
    return stack_chart(rows, title=_("Incidents a week"), sentence=sentence)


def acknowledge_times(found: Numbers) -> LineChart:
    """Time to acknowledge by week."""
    return _times(
        found,
        _("Time to acknowledge"),
        median=[week.acknowledge_p50 for week in found.weeks],
        p90=[week.acknowledge_p90 for week in found.weeks],
        now=found.now.acknowledge_p50,
        before=found.before.acknowledge_p50,
        words=_("Half of the incidents were acknowledged within %(now)s"),
        behind_week={"acknowledged": "true"},
    )


def resolve_times(found: Numbers) -> LineChart:
    """Time to resolve by week."""
    return _times(
        found,
        _("Time to resolve"),
        median=[week.resolve_p50 for week in found.weeks],
        p90=[week.resolve_p90 for week in found.weeks],
        now=found.now.resolve_p50,
        before=found.before.resolve_p50,
        words=_("Half of the incidents were resolved within %(now)s"),
        behind_week={"resolved": "true"},
    )


def promises(found: Numbers) -> list[PromiseBars]:
    """Promises kept, by kind and severity."""
    return [_promise_bars(found, kind) for kind in found.kinds]


def services(found: Numbers) -> list[BarRow]:
    """Where the incidents came from."""
    return [
        BarRow(slug, count, str(count), "now" if place == 0 else "", behind(found.scope, service=slug))
        for place, (slug, count) in enumerate(found.services)
    ]


def services_sentence(found: Numbers) -> str:
    """How much of it one service brings."""
    if not found.services or not found.now.opened:
        return _("No service had an incident.")
    slug, count = found.services[0]
    return _("%(service)s brings %(share)d %% of all incidents.") % {
        "service": slug,
        "share": round(100 * count / found.now.opened),
    }


def _promise_bars(found: Numbers, kind: PromiseKind) -> PromiseBars:
    rows = [row for row in found.kept if row.kind == kind and row.decided]
    now, before = found.kept_percent(kind), found.kept_percent(kind, before=True)
    broken = sum(row.decided - row.kept for row in rows)
    if now is None:
        sentence = _("No promise was decided in this period.")
    else:
        sentence = _("%(broken)d of %(decided)d were broken; %(now)s kept") % {
            "broken": broken,
            "decided": sum(row.decided for row in rows),
            "now": _share(now),
        }
        sentence += (
            _(", %(before)s in the period before.") % {"before": _share(before)}
            if before is not None
            else "."
        )
    return PromiseBars(str(kind.label), tuple(_bar(found.scope, row) for row in rows), sentence)


def _bar(scope: Scope, row: Kept) -> BarRow:
    percent = row.percent or 0.0
    tone = "ok" if percent >= GOOD else "watch" if percent >= FAIR else "bad"
    said = _("%(share)s · %(kept)d of %(all)d") % {
        "share": _share(percent),
        "kept": row.kept,
        "all": row.decided,
    }
    return BarRow(row.severity, percent, said, tone, behind(scope, severity=row.severity, promise=row.kind))


def _times(
    found: Numbers,
    title: str,
    *,
    median: Sequence[timedelta | None],
    p90: Sequence[timedelta | None],
    now: timedelta | None,
    before: timedelta | None,
    words: str,
    behind_week: dict[str, str],
) -> LineChart:
    sentence = words % {"now": _said(now)} if now is not None else _("Nothing to measure in this period")
    sentence += (
        _(", %(before)s in the period before.") % {"before": _said(before)} if before is not None else "."
    )
    return line_chart(
        [_label(week) for week in found.weeks],
        [seconds(value) for value in median],
        [seconds(value) for value in p90],
        title=title,
        sentence=sentence,
        names=(_("median"), _("p90")),
        say=duration,
        ceiling=duration_ceiling,
        urls=[_week_url(found.scope, week, **behind_week) for week in found.weeks],
    )


def _week_url(scope: Scope, week: Week, **more: str) -> str:
    return behind(scope, max(week.start, scope.start), min(week.start + timedelta(days=7), scope.end), **more)


def _label(week: Week) -> str:
    return f"{week.start.day} {week.start:%b}"


def _said(span: timedelta | None) -> str:
    return "–" if span is None else duration(span.total_seconds())


def _share(percent: float | None) -> str:
    """A share that is never rounded up to all of it."""
    if percent is None:
        return "–"
    return "100 %" if percent == 100 else f"{min(percent, 99.9):.1f} %"
