"""Choices of rotas, policies and runs."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.types import Words


class Level(TextChoices):
    """What a rota is for."""

    L1 = "l1", _("L1")
    L2 = "l2", _("L2")
    ENGINEERING = "engineering", _("Engineering")
    PARTNER = "partner", _("Partner")
    MAJOR = "major", _("Major-incident manager")


class HolidayRule(TextChoices):
    """What a public holiday at a layer's site does to the layer."""

    COVER = "cover", _("Cover as usual")
    SKIP = "skip", _("Off: lower layers fill in")
    NAMED = "named", _("Covered by a named list")


class Unit(TextChoices):
    HOURLY = "hourly", _("Hours")
    DAILY = "daily", _("Days")
    WEEKLY = "weekly", _("Weeks")
    MONTHLY = "monthly", _("Months")


class Turns(TextChoices):
    ANCHOR = "anchor", _("Counted from the anchor")
    CALENDAR = "calendar", _("By calendar week or month")


class TargetKind(TextChoices):
    ON_CALL = "on_call", _("On call of a rota")
    NEXT_ON_CALL = "next_on_call", _("Next on call of a rota")
    PERSON = "person", _("A person")
    TEAM_LEAD = "team_lead", _("Lead of a team")
    TEAM = "team", _("Everybody of a team")
    WORKING = "working", _("Everybody of a team in working hours now")
    OWNER = "owner", _("Whoever owns the incident")
    CONTACT = "contact", _("A channel or webhook")


class Hours(TextChoices):
    """When something holds, by the support hours of the service."""

    ANY = "any", _("At all hours")
    OPEN = "open", _("In support hours")
    CLOSED = "closed", _("Outside support hours")


class RunState(TextChoices):
    RUNNING = "running", _("Calling")
    PAUSED = "paused", _("Paused")
    WATCHING = "watching", _("Acknowledged, watched")
    STOPPED = "stopped", _("Stopped")
    EXHAUSTED = "exhausted", _("Everyone called")


class CallOutcome(TextChoices):
    """What one step of a run did."""

    CALLED = "called", _("Called")
    NOBODY = "nobody", _("Nobody on call")
    FALLBACK = "fallback", _("Fallback called")
    TRAINEE = "trainee", _("Trainee called as well")
    EXHAUSTED = "exhausted", _("Everyone called")


class LeaveKind(TextChoices):
    HOLIDAY = "holiday", _("Holiday")
    SICK = "sick", _("Sick")
    TRAINING = "training", _("Training")
    OTHER = "other", _("Other")


class LeaveState(TextChoices):
    ASKED = "asked", _("Asked for")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SwapState(TextChoices):
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    UNDONE = "undone", _("Undone")


class ShadowKind(TextChoices):
    """Who leads: the one on call while a learner watches, or the learner while the one on call watches."""

    SHADOW = "shadow", _("Shadow: watches")
    REVERSE = "reverse", _("Reverse shadow: leads, watched")


class HandoverState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ACCEPTED = "accepted", _("Accepted")


class DrillState(TextChoices):
    RUNNING = "running", _("Running")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    UNANSWERED = "unanswered", _("Nobody answered")
    CANCELLED = "cancelled", _("Called off")


# A trainee is none: nobody depends on who still learns.
CALLED_SOMEBODY = (CallOutcome.CALLED, CallOutcome.FALLBACK)


def level_choices() -> list[tuple[str, Words]]:
    return list(Level.choices)


def unit_choices() -> list[tuple[str, Words]]:
    return list(Unit.choices)


def turns_choices() -> list[tuple[str, Words]]:
    return list(Turns.choices)


def target_kind_choices() -> list[tuple[str, Words]]:
    return list(TargetKind.choices)


def run_state_choices() -> list[tuple[str, Words]]:
    return list(RunState.choices)


def outcome_choices() -> list[tuple[str, Words]]:
    return list(CallOutcome.choices)


def drill_state_choices() -> list[tuple[str, Words]]:
    return list(DrillState.choices)


def hours_choices() -> list[tuple[str, Words]]:
    return list(Hours.choices)


def holiday_rule_choices() -> list[tuple[str, Words]]:
    return list(HolidayRule.choices)


def leave_kind_choices() -> list[tuple[str, Words]]:
    return list(LeaveKind.choices)


def leave_state_choices() -> list[tuple[str, Words]]:
    return list(LeaveState.choices)


def swap_state_choices() -> list[tuple[str, Words]]:
    return list(SwapState.choices)


def shadow_kind_choices() -> list[tuple[str, Words]]:
    return list(ShadowKind.choices)


def handover_state_choices() -> list[tuple[str, Words]]:
    return list(HandoverState.choices)
