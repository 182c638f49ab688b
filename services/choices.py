"""Choices of the catalogue and of promises."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from core.types import Words


class Severity(TextChoices):
    """How bad. Lower is worse; each carries its word, shape and token so that all pages agree."""

    SEV1 = "SEV1", _("Critical")
    SEV2 = "SEV2", _("Major")
    SEV3 = "SEV3", _("Minor")
    SEV4 = "SEV4", _("Low")

    @property
    def mark(self) -> str:
        """The shape in marks.svg."""
        return self.value.lower()

    @property
    def rank(self) -> int:
        """1 is worst."""
        return int(self.value[-1])


class Tier(IntegerChoices):
    """How much a client's business hangs on a service."""

    T1 = 1, _("T1")
    T2 = 2, _("T2")
    T3 = 3, _("T3")


class ServiceKind(TextChoices):
    ONLINE = "online", _("Online inference")
    BATCH = "batch", _("Batch")
    PIPELINE = "pipeline", _("Pipeline")
    PLATFORM = "platform", _("Platform")
    ANNOTATION = "annotation", _("Annotation")


class Environment(TextChoices):
    PRODUCTION = "production", _("Production")
    STAGING = "staging", _("Staging")


class Lifecycle(TextChoices):
    ONBOARDING = "onboarding", _("Onboarding")
    LIVE = "live", _("Live")
    RETIRING = "retiring", _("Retiring")
    RETIRED = "retired", _("Retired")


class Stage(TextChoices):
    """Where a model version stands."""

    CANDIDATE = "candidate", _("Candidate")
    CANARY = "canary", _("Canary")
    CHAMPION = "champion", _("Champion")
    ARCHIVED = "archived", _("Archived")


class Indicator(TextChoices):
    """What an objective counts."""

    AVAILABILITY = "availability", _("Time up")
    EVENTS = "events", _("Good events")
    SAMPLES = "samples", _("Measured values")


class Direction(TextChoices):
    """On which side of its threshold a measured value is good."""

    AT_MOST = "at_most", _("At most")
    AT_LEAST = "at_least", _("At least")

    @property
    def sign(self) -> str:
        """As it is written before the threshold."""
        return "≤" if self is Direction.AT_MOST else "≥"


class BudgetWindow(TextChoices):
    """The time over which an error budget is given."""

    ROLLING_28D = "rolling_28d", _("The last 28 days")
    ROLLING_30D = "rolling_30d", _("The last 30 days")
    CALENDAR_MONTH = "calendar_month", _("The calendar month")


class BudgetState(TextChoices):
    """How an error budget stands, the worst first."""

    EXHAUSTED = "exhausted", _("Exhausted")
    AT_RISK = "at_risk", _("At risk")
    NO_DATA = "no_data", _("No data")
    HEALTHY = "healthy", _("Healthy")


class Effect(TextChoices):
    """What an incident does to those who use a service."""

    DOWN = "down", _("Down")
    DEGRADED = "degraded", _("Degraded")


class PromiseKind(TextChoices):
    """What is promised within a time."""

    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    RESOLVE = "resolve", _("Resolve")


class Party(TextChoices):
    """Who may hold work, or whom a hold waits for; whoever promises something, and to whom."""

    L1 = "l1", _("L1")
    L2 = "l2", _("L2")
    ENGINEERING = "engineering", _("Engineering")
    PLATFORM_OPS = "platform_ops", _("Platform Ops")
    PARTNER = "partner", _("Partner")
    CLIENT = "client", _("Client")


class Weekday(IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


def severity_choices() -> list[tuple[str, Words]]:
    return [(item.value, f"{item.value} {item.label}") for item in Severity]


def tier_choices() -> list[tuple[int, Words]]:
    return list(Tier.choices)


def kind_choices() -> list[tuple[str, Words]]:
    return list(ServiceKind.choices)


def environment_choices() -> list[tuple[str, Words]]:
    return list(Environment.choices)


def lifecycle_choices() -> list[tuple[str, Words]]:
    return list(Lifecycle.choices)


def stage_choices() -> list[tuple[str, Words]]:
    return list(Stage.choices)


def indicator_choices() -> list[tuple[str, Words]]:
    return list(Indicator.choices)


def direction_choices() -> list[tuple[str, Words]]:
    return list(Direction.choices)


def budget_window_choices() -> list[tuple[str, Words]]:
    return list(BudgetWindow.choices)


def budget_state_choices() -> list[tuple[str, Words]]:
    return list(BudgetState.choices)


def effect_choices() -> list[tuple[str, Words]]:
    return list(Effect.choices)


def promise_choices() -> list[tuple[str, Words]]:
    return list(PromiseKind.choices)


def party_choices() -> list[tuple[str, Words]]:
    return list(Party.choices)


def weekday_choices() -> list[tuple[int, Words]]:
    return list(Weekday.choices)
