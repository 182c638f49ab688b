"""Promised times in words."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui.words import duration
from services.choices import Party, RungAct, RungUnit, RungWhom, TargetMode
from services.models import AgreementTarget
from services.types import Rung, Target


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


def rung_words(rung: Rung) -> str:
    """A rung of a ladder in one line: "at 50 percent of the time: tell the owning team’s lead"."""
    return f"{_rung_when(rung)}: {_rung_act(rung)}"


def _rung_when(rung: Rung) -> str:
    if rung.unit == RungUnit.PERCENT:
        return _("at %(n)d percent of the time") % {"n": rung.amount}
    if rung.unit == RungUnit.BEFORE:
        return _("%(n)d minutes before it is due") % {"n": rung.amount}
    return _("%(n)d minutes after it was due") % {"n": rung.amount}


def _rung_act(rung: Rung) -> str:
    if rung.act == RungAct.RAISE:
        return _("raise the severity by one")
    if rung.act == RungAct.ESCALATE:
        return (
            _("call step %(n)d of the policy") % {"n": rung.step}
            if rung.step
            else _("call the next step of the policy")
        )
    label = str(RungWhom(rung.whom).label)
    whom = {"whom": label[:1].lower() + label[1:]}
    return (
        _("remind %(whom)s to post an update") % whom
        if rung.act == RungAct.REMIND
        else _("tell %(whom)s") % whom
    )


def goal_words(target: AgreementTarget) -> str:
    """The month's goal, "97 %"; "" without one."""
    return "" if target.goal_percent is None else f"{target.goal_percent.normalize():f} %"


def stops_words(target: AgreementTarget) -> str:
    """What stops a promise, where that differs from any hold; "" where it doesn't."""
    parts = []
    if not target.is_pausable:
        parts.append(_("no hold stops it"))
    elif target.stops_for:
        parts.append(_("stops for %(parties)s") % {"parties": _parties(target.stops_for)})
    if target.stops_with:
        parts.append(_("stands still with %(parties)s") % {"parties": _parties(target.stops_with)})
    return "; ".join(parts)


def _parties(names: Iterable[str]) -> str:
    return ", ".join(str(Party(name).label) for name in names if name in Party.values)
