"""Amounts of work as people count them; only pages say them, no script."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _

from core.ui.words import duration

HOUR: Final = 3600


def hours(length: timedelta) -> str:
    """A length of work as people count it: "168 h", "36.5 h"."""
    return _("%(n)s h") % {"n": f"{length.total_seconds() / HOUR:.1f}".removesuffix(".0")}


def more_hours(length: timedelta) -> str:
    """A change of it: "+12 h", "−36.5 h", "0 h"."""
    sign = "+" if length > timedelta() else "−" if length < timedelta() else ""
    return sign + hours(abs(length))


def opening_time(seconds: float) -> str:
    """Opening hours at a glance, sign ignored: "45 s", "14 min", "53 h 20". Never in days: a day of ten hours is none."""
    whole = int(abs(seconds))
    if whole < HOUR:
        return duration(whole)
    full, minutes = divmod(whole // 60, 60)
    return _("%(h)d h %(m)02d") % {"h": full, "m": minutes} if minutes else _("%(h)d h") % {"h": full}
