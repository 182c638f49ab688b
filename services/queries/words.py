"""Promised times in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui.words import duration
from services.choices import TargetMode
from services.types import Target


def target_words(target: Target, *, around_the_clock: bool) -> str:
    """How long is promised: "15 min", "40 h", "2 business days", "16:00 of the next business day".

    Beyond a day in office hours as hours, because a day there has no fixed length.
    """
    if target.mode == TargetMode.BUSINESS_DAYS:
        return ngettext("%(n)d business day", "%(n)d business days", target.days) % {"n": target.days}
    if target.mode == TargetMode.NEXT_DAY:
        if target.at is None:
            return _("the end of the next business day")
        hour = f"{target.at // 3600:02d}:{target.at % 3600 // 60:02d}"
        return _("%(hour)s of the next business day") % {"hour": hour}
    if around_the_clock:
        return duration(target.minutes * 60)
    length = _in_hours(target.minutes)
    return _("%(time)s by the clock") % {"time": length} if target.mode == TargetMode.ELAPSED else length


def _in_hours(minutes: int) -> str:
    if minutes < 24 * 60:
        return duration(minutes * 60)
    hours, rest = divmod(minutes, 60)
    return _("%(h)d h %(m)02d") % {"h": hours, "m": rest} if rest else _("%(h)d h") % {"h": hours}
