"""Where a person's shifts meet their leave, or a public holiday of their site: both sides are warned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from rotas.choices import HolidayRule, LeaveState
from rotas.domain.telling import span
from rotas.models import Leave, Rota
from rotas.queries.holidays import holiday_stretches
from rotas.queries.mine import rotas_of
from rotas.queries.oncall import covers, plans


@dataclass(frozen=True, slots=True)
class Conflict:
    """From `start` to `end` (UTC) somebody is on call of a rota although they are away: on `leave`, or on a public holiday
    (None) that the rota covers as usual."""

    rota: Rota
    user: User
    start: datetime
    end: datetime
    leave: Leave | None = None


def shifts_within(user: User, start: datetime, end: datetime, now: datetime) -> list[Conflict]:
    """The person's shifts that meet `[start, end)`, cut to it, from `now` on; soonest first."""
    start = max(start, now)
    if start >= end:
        return []
    found = [
        Conflict(plan.rota, user, max(cover.start, start), min(cover.end, end))
        for plan in plans(rotas_of(user, now), start, end)
        for cover in covers(plan, start, end)
        if user in cover.users
    ]
    return sorted(found, key=lambda each: (each.start, each.rota.pk))


def leave_within(people: Iterable[User], start: datetime, end: datetime) -> list[Leave]:
    """Leave of these people, asked for or approved, that meets `[start, end)`. One query."""
    rows = Leave.objects.filter(
        user__in=list(people),
        state__in=[LeaveState.ASKED, LeaveState.APPROVED],
        starts_at__lt=end,
        ends_at__gt=start,
    )
    return list(rows.select_related("user__site").order_by("starts_at", "pk"))


def absences(user: User, start: datetime, end: datetime) -> list[str]:
    """Why somebody should not be on call in `[start, end)`, in words: leave that was asked for or approved, public holidays of
    their site. One query."""
    said = [
        _("%(user)s is on leave %(when)s")
        % {"user": user, "when": span(max(each.starts_at, start), min(each.ends_at, end), user.zone)}
        for each in leave_within([user], start, end)
    ]
    days = holiday_stretches(user.site.country, user.zone, start.year - 1, end.year + 1) if user.site else ()
    said += [
        _("%(when)s is a public holiday for %(user)s")
        % {"user": user, "when": span(max(low, start), min(high, end), user.zone)}
        for low, high in days
        if low < end and high > start
    ]
    return said


def holidays_within(user: User, start: datetime, end: datetime, now: datetime) -> list[Conflict]:
    """The person's shifts on public holidays of their site, in rotas that cover those as usual."""
    if user.site is None:
        return []
    days = holiday_stretches(user.site.country, user.zone, start.year - 1, end.year + 1)
    shifts = [
        each for each in shifts_within(user, start, end, now) if each.rota.holiday_rule == HolidayRule.COVER
    ]
    return [
        Conflict(each.rota, user, max(each.start, low), min(each.end, high))
        for each in shifts
        for low, high in days
        if low < each.end and high > each.start
    ]
