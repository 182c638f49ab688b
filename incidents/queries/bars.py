"""A clock as a bar to draw."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from core.ui.slabar import SlaBar, sla_bar
from incidents.choices import ClockState
from incidents.domain.told import length_of, name_of
from incidents.models import Clock
from services.choices import AgreementKind


def bar(clock: Clock, now: datetime, zone: str, *, long: bool = False) -> SlaBar:
    """The promise of `clock` as it stands at `now`, in the words of `zone`. `long` adds its target to the name."""
    name = name_of(clock)
    if long:
        name = _("%(what)s in %(time)s") % {"what": name, "time": length_of(clock)}
    paused = clock.state == ClockState.PAUSED
    if paused:
        name = _("%(what)s, paused") % {"what": name}
    pauses = [
        (datetime.fromisoformat(start), datetime.fromisoformat(stop) if stop else None)
        for start, stop in clock.pauses
    ]
    return sla_bar(
        clock.started_at,
        clock.due_at,
        now,
        pauses,
        warn_at=clock.warn_at,
        met_at=clock.met_at,
        name=name,
        remaining=timedelta(seconds=clock.left_seconds or 0) if paused else None,
        zone=zone,
    )


def to_client(clocks: Iterable[Clock]) -> list[Clock]:
    """Those that are promised to the client; what parties promise one another is the house's own."""
    return [clock for clock in clocks if clock.basis == AgreementKind.SLA]


def next_clock(clocks: Iterable[Clock]) -> Clock | None:
    """The one a row shows: what counts and is due first, else what is paused, else what was met last."""
    ranked = [clock for clock in to_client(clocks) if clock.state != ClockState.CANCELLED]
    for state in (ClockState.RUNNING, ClockState.PAUSED):
        counting = [clock for clock in ranked if clock.state == state]
        if counting:
            return min(counting, key=lambda clock: (clock.due_at, clock.pk))
    return max(ranked, key=lambda clock: (clock.met_at or clock.started_at, clock.pk), default=None)
