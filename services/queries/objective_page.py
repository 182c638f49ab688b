"""Read models of the pages of objectives: figures in words, the bar of a budget, its burn-down as lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui.words import absolute, duration
from core.zones import to_local
from services.choices import BudgetState, Indicator
from services.domain.budget import Standing
from services.models import Objective, Service
from services.queries.objectives import (
    WORST_FIRST,
    Point,
    RungNow,
    burn_down,
    last_buckets,
    rungs_of,
    standing_of,
    standings,
)

_TONES = {
    BudgetState.EXHAUSTED: ("bad", "sla-late"),
    BudgetState.AT_RISK: ("watch", "sla-warn"),
    BudgetState.HEALTHY: ("ok", ""),
    BudgetState.NO_DATA: ("off", ""),
}
ON_A_SERVICE = 12
# The plot: pixels from all of the budget down to none of it, and the width of its box.
TOP, HEIGHT, WIDTH = 8, 96, 600


@dataclass(frozen=True, slots=True)
class BudgetBar:
    """The bar of a budget: how much is used, a tick where even spending would be, all of it in words."""

    used: str
    tick: str
    css: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """An objective as a line: how it stands, in words. `left` is of the budget, `rest` the same in minutes or events."""

    objective: Objective
    standing: Standing
    tone: str
    word: str
    agreed: str
    kept: str
    left: str
    rest: str
    bar: BudgetBar
    forecast: str

    @property
    def is_bad(self) -> bool:
        return self.tone == "bad"


@dataclass(frozen=True, slots=True)
class Chart:
    """The burn-down as it is drawn; x in percent, y in pixels. `day_rows` are its figures: day, part left."""

    label: str
    even: str
    line: str
    fill: str
    dot_x: str
    dot_y: float
    said: str
    said_x: str
    said_anchor: str
    grid: tuple[tuple[int, str], ...]
    axis: tuple[tuple[str, str, str], ...]
    is_over: bool
    day_rows: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class RungRow:
    """A rung with its rates in words."""

    now: RungNow
    factor: str
    long: str
    short: str
    long_rate: str
    short_rate: str


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything on the page of one objective."""

    row: Row
    chart: Chart
    rungs: tuple[RungRow, ...]
    buckets: tuple[tuple[datetime, int, int, str], ...]


def rows(objectives: Iterable[Objective], now: datetime, zone: str) -> list[Row]:
    """Objectives with how they stand, in the order given. Three queries at most."""
    known = list(objectives)
    found = standings(known, now)
    return [_row(each, found[each.pk], zone) for each in known]


def of_service(service: Service, now: datetime, zone: str) -> list[Row]:
    """The objectives of a service that are counted, the worst first."""
    known = Objective.objects.filter(service=service, is_active=True).select_related("service", "model")
    return rows(known.order_by(*WORST_FIRST)[:ON_A_SERVICE], now, zone)


def worst_chart(known: Sequence[Row]) -> tuple[Row, Chart] | None:
    """The burn-down of the worst of these objectives; None where none has counted anything. Two queries at most."""
    counted = [row for row in known if row.standing.state != BudgetState.NO_DATA]
    if not counted:
        return None
    worst = max(counted, key=lambda row: row.standing.spent)
    points = burn_down(worst.objective, worst.standing)
    return worst, _chart(worst.objective, worst.standing, points)


def whole(objective: Objective, now: datetime, zone: str) -> Whole:
    """The page of one objective, times in the reader's `zone`."""
    found = standing_of(objective, now)
    row = _row(objective, found, zone)
    return Whole(
        row,
        _chart(objective, found, burn_down(objective, found)),
        tuple(_rung_row(each) for each in rungs_of(objective, now)),
        tuple(
            (each.starts_at, each.good, each.total, percent(Fraction(each.good, each.total or 1), 2))
            for each in last_buckets(objective)
        ),
    )


def percent(part: Fraction, digits: int) -> str:
    """A part of 1 as "99.71 %", all of it as "100 %"; cut and never rounded up: what fell short of a promise must not look kept."""
    if part == 1:
        return _("100 %")
    scale = 10**digits
    cut = part * 100 * scale // 1
    return f"{float(Fraction(cut, scale)):.{digits}f} %"


def amount(objective: Objective, count: Fraction) -> str:
    """So many minutes, or events by their name."""
    if objective.counts_time:
        return duration(float(count))
    whole_number = int(count)
    if objective.indicator == Indicator.SAMPLES:
        return ngettext("%(n)s value", "%(n)s values", whole_number) % {"n": f"{whole_number:,}"}
    if objective.unit:
        return f"{whole_number:,} {objective.unit}"
    return ngettext("%(n)s event", "%(n)s events", whole_number) % {"n": f"{whole_number:,}"}


def _row(objective: Objective, found: Standing, zone: str) -> Row:
    tone, css = _TONES[found.state]
    return Row(
        objective=objective,
        standing=found,
        tone=tone,
        word=str(BudgetState(found.state).label),
        agreed=f"{objective.target_words} %",
        kept=percent(found.kept, _digits(objective)) if found.kept is not None else "–",
        left=_left(found),
        rest=_rest(objective, found),
        bar=_bar(found, css),
        forecast=_forecast(found, zone),
    )


def _digits(objective: Objective) -> int:
    exponent = objective.target.normalize().as_tuple().exponent
    return max(2, min(3, 1 - int(exponent)))


def _left(found: Standing) -> str:
    if found.state == BudgetState.NO_DATA:
        return "–"
    return f"{max(0, int((1 - found.spent) * 100))} %"


def _rest(objective: Objective, found: Standing) -> str:
    if found.state == BudgetState.NO_DATA:
        return _("nothing counted yet")
    if found.left < 0:
        return _("overspent by %(amount)s") % {"amount": amount(objective, -found.left)}
    left = duration(float(found.left)) if objective.counts_time else f"{int(found.left):,}"
    return _("%(left)s of %(whole)s left") % {"left": left, "whole": amount(objective, found.budget)}


def _bar(found: Standing, css: str) -> BudgetBar:
    spent = min(Fraction(1), found.spent)
    label = (
        _("nothing counted yet")
        if found.state == BudgetState.NO_DATA
        else _("%(spent)d percent of the budget used") % {"spent": int(found.spent * 100)}
    )
    tick = ""
    if not found.window.is_rolling:
        gone = found.window.gone * 100
        tick = f"{gone:.1f}%"
        label = _("%(said)s, %(gone)d percent of the month gone") % {"said": label, "gone": int(gone)}
    return BudgetBar(f"{float(spent) * 100:.1f}%", tick, css, label)


def _forecast(found: Standing, zone: str) -> str:
    if found.exhausts_at is None:
        return ""
    return _("At this rate it is gone %(when)s.") % {
        "when": absolute(found.exhausts_at, zone, found.window.now)
    }


def _rung_row(each: RungNow) -> RungRow:
    return RungRow(
        each,
        f"{float(each.rung.factor):g}",
        duration(each.rung.long.total_seconds()),
        duration(each.rung.short.total_seconds()),
        _rate(each.rates.long),
        _rate(each.rates.short),
    )


def _rate(found: Fraction | None) -> str:
    return "–" if found is None else f"{float(found):.2f}" if found < 10 else f"{float(found):.0f}"


def _chart(objective: Objective, found: Standing, points: Sequence[Point]) -> Chart:
    window = found.window
    least = min(0.0, *(point.left for point in points))
    # an overspent budget needs room below nothing; beyond as much again it is cut
    floor = max(-1.0, least)
    scale = HEIGHT / (1 - floor)

    def y(left: float) -> float:
        return round((1 - max(floor, left)) * scale, 1)

    def x(at: datetime) -> float:
        return (at - window.start) / window.whole.length if not window.whole.is_empty else 1.0

    steps = [(x(point.at) * WIDTH, y(point.left)) for point in points]
    line = "M" + " ".join(f"{across:.0f},{down}" for across, down in steps)
    last, share = points[-1], x(points[-1].at)
    said = _("%(left)s left") % {"left": f"{max(0, int(last.left * 100))} %"}
    if last.left < 0:
        said = _("overspent")
    grid = [(round(TOP + y(1)), "100 %"), (round(TOP + y(0)), "0")]
    if floor == 0:
        grid.insert(1, (round(TOP + y(0.5)), "50 %"))
    return Chart(
        label=_chart_label(objective, found, said),
        even=f"M0,{y(1)} L{WIDTH},{y(0)}",
        line=line,
        fill=f"{line} L{steps[-1][0]:.0f},{y(0)} L0,{y(0)}z",
        dot_x=f"{share * 100:.1f}%",
        dot_y=TOP + y(last.left),
        said=said,
        said_x=f"{share * 100:.1f}%",
        said_anchor="end" if share > 0.6 else "start",
        grid=tuple(grid),
        axis=_axis(objective, found),
        is_over=last.left <= 0,
        day_rows=tuple((point.at, f"{point.left * 100:.1f} %") for point in points[:0:-1]),
    )


def _chart_label(objective: Objective, found: Standing, said: str) -> str:
    if found.state == BudgetState.NO_DATA:
        return _("Error budget: nothing counted yet")
    if found.window.is_rolling:
        return _("Error budget of %(window)s: %(said)s") % {
            "window": objective.get_window_display().lower(),
            "said": said,
        }
    even = int((1 - found.window.gone) * 100)
    return _("Error budget of the month: %(said)s; even spending would leave %(even)d percent") % {
        "said": said,
        "even": even,
    }


def _axis(objective: Objective, found: Standing) -> tuple[tuple[str, str, str], ...]:
    """First, middle and last day: (x, anchor, text)."""
    start, end = found.window.start, found.window.end
    ends = end if found.window.is_rolling else end - timedelta(seconds=1)
    days = [to_local(at, objective.zone) for at in (start, start + (end - start) / 2, ends)]
    places = (("0%", "start"), ("50%", "middle"), ("100%", "end"))
    return tuple(
        (at, anchor, f"{day.day} {MONTHS_3[day.month].title()}")
        for (at, anchor), day in zip(places, days, strict=True)
    )
