"""Choices of rotas, policies and runs."""

from django.db.models import TextChoices


class Level(TextChoices):
    """What a rota is for."""

    L1 = "l1", "L1"
    L2 = "l2", "L2"
    ENGINEERING = "engineering", "Engineering"
    PARTNER = "partner", "Partner"


class Unit(TextChoices):
    HOURLY = "hourly", "Hours"
    DAILY = "daily", "Days"
    WEEKLY = "weekly", "Weeks"
    MONTHLY = "monthly", "Months"


class Turns(TextChoices):
    ANCHOR = "anchor", "Counted from the anchor"
    CALENDAR = "calendar", "By calendar week or month"


class TargetKind(TextChoices):
    ON_CALL = "on_call", "On call of a rota"
    PERSON = "person", "A person"
    TEAM_LEAD = "team_lead", "Lead of a team"


class RunState(TextChoices):
    RUNNING = "running", "Calling"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped"
    EXHAUSTED = "exhausted", "Everyone called"


class CallOutcome(TextChoices):
    """What one step of a run did."""

    CALLED = "called", "Called"
    NOBODY = "nobody", "Nobody on call"
    FALLBACK = "fallback", "Fallback called"
    EXHAUSTED = "exhausted", "Everyone called"


def level_choices() -> list[tuple[str, str]]:
    return list(Level.choices)


def unit_choices() -> list[tuple[str, str]]:
    return list(Unit.choices)


def turns_choices() -> list[tuple[str, str]]:
    return list(Turns.choices)


def target_kind_choices() -> list[tuple[str, str]]:
    return list(TargetKind.choices)


def run_state_choices() -> list[tuple[str, str]]:
    return list(RunState.choices)


def outcome_choices() -> list[tuple[str, str]]:
    return list(CallOutcome.choices)
