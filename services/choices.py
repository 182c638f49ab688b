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
    FIRST_UPDATE = "first_update", _("First update")
    NEXT_UPDATE = "next_update", _("Next update")
    MITIGATE = "mitigate", _("Mitigate")
    RESOLVE = "resolve", _("Resolve")
    RCA = "rca", _("Root cause analysis")
    ACTION = "action", _("Corrective action")


class AgreementKind(TextChoices):
    """Who promises to whom."""

    SLA = "sla", _("SLA")
    OLA = "ola", _("OLA")
    UC = "uc", _("Underpinning contract")


class VersionState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class ZoneSource(TextChoices):
    """In whose zone a calendar's hours are read."""

    CALENDAR = "calendar", _("The calendar’s own")
    CLIENT = "client", _("The client’s")
    SERVICE = "service", _("The service’s support hours’")
    SITE = "site", _("The site’s of the owning team’s lead")


class TargetMode(TextChoices):
    """How a promised time is counted."""

    BUSINESS = "business", _("Minutes of business time")
    ELAPSED = "elapsed", _("Minutes by the clock")
    BUSINESS_DAYS = "business_days", _("Business days")
    NEXT_DAY = "next_day", _("By an hour of the next business day")


class OnReopen(TextChoices):
    """What reopening does to the promise to resolve."""

    PAUSE = "pause", _("Goes on; the time it stood resolved doesn’t count")
    CONTINUE = "continue", _("Goes on as if it had never been resolved")
    NEW = "new", _("Begins a new count; the first one stays as it ended")


class OnSeverity(TextChoices):
    """What another severity does to promises that count already."""

    KEEP = "keep", _("What was used stays used; the rest of the new time counts from now on")
    RECOMPUTE = "recompute", _("As if the new terms had held from the start")
    FORWARD = "forward", _("They stay as they are; only what begins from now on has the new terms")


class RungUnit(TextChoices):
    """When a warning comes; minutes are of time that counts."""

    PERCENT = "percent", _("percent of the time")
    BEFORE = "before", _("minutes before it is due")
    AFTER = "after", _("minutes after it was due")


class RungAct(TextChoices):
    NOTIFY = "notify", _("Tell")
    ESCALATE = "escalate", _("Call a step of the policy")
    RAISE = "raise", _("Raise the severity by one")
    REMIND = "remind", _("Remind to post an update")


class RungWhom(TextChoices):
    """Whom a warning is told to."""

    HANDS = "hands", _("Whoever has it in hand")
    LEAD = "lead", _("The owning team’s lead")
    LEADS = "leads", _("All leads and administrators")
    PARTY = "party", _("The team that has the work")


class Party(TextChoices):
    """Who may hold work, or whom a hold waits for; whoever promises something, and to whom."""

    L1 = "l1", _("L1")
    L2 = "l2", _("L2")
    ENGINEERING = "engineering", _("Engineering")
    PLATFORM_OPS = "platform_ops", _("Platform Ops")
    PARTNER = "partner", _("Partner")
    CLIENT = "client", _("Client")


class ActivityGroup(TextChoices):
    """Parts of the support operating model, in the order in which they are read."""

    TRIAGE = "triage", _("Detect and triage")
    RESTORE = "restore", _("Restore")
    CHANGE = "change", _("Change")
    LEARN = "learn", _("Learn")
    RUN = "run", _("Run")


class Letter(TextChoices):
    """What a party is to an activity. One party is accountable; it may do the work as well (RA)."""

    R = "R", _("Responsible")
    A = "A", _("Accountable")
    RA = "RA", _("Responsible and accountable")
    C = "C", _("Consulted")
    I = "I", _("Informed")  # noqa: E741 - the letter of the matrix

    @property
    def does(self) -> bool:
        """Whether the party does the work."""
        return self in {Letter.R, Letter.RA}

    @property
    def answers(self) -> bool:
        """Whether the party answers for it."""
        return self in {Letter.A, Letter.RA}


class Authority(TextChoices):
    """What a party may do without asking."""

    RESTART = "restart", _("Restart")
    DRAIN = "drain", _("Drain")
    ROLLBACK = "rollback", _("Roll back")
    DEPLOY = "deploy", _("Deploy")
    CHANGE_DATA = "change_data", _("Change data")
    CHANGE_CONFIG = "change_config", _("Change configuration")
    RETRAIN = "retrain", _("Retrain")
    DECLARE_MAJOR = "declare_major", _("Declare a major incident")
    SPEAK_TO_CLIENT = "speak_to_client", _("Speak to the client")


class DependencyKind(TextChoices):
    """What one service takes from another."""

    DATA = "data", _("Data")
    INFERENCE = "inference", _("Inference")
    COMPUTE = "compute", _("Compute")
    STORAGE = "storage", _("Storage")
    IDENTITY = "identity", _("Identity")
    OTHER = "other", _("Other")


class CheckState(TextChoices):
    """How a service stands to one standard of readiness."""

    PASS = "pass", _("Met")
    FAIL = "fail", _("Not met")
    NA = "na", _("Does not apply")


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


def afterwards_choices() -> list[tuple[str, Words]]:
    """What is promised for after an incident ended."""
    return [(kind.value, kind.label) for kind in (PromiseKind.RCA, PromiseKind.ACTION)]


def party_choices() -> list[tuple[str, Words]]:
    return list(Party.choices)


def weekday_choices() -> list[tuple[int, Words]]:
    return list(Weekday.choices)


def agreement_kind_choices() -> list[tuple[str, Words]]:
    return list(AgreementKind.choices)


def version_state_choices() -> list[tuple[str, Words]]:
    return list(VersionState.choices)


def zone_source_choices() -> list[tuple[str, Words]]:
    return list(ZoneSource.choices)


def target_mode_choices() -> list[tuple[str, Words]]:
    return list(TargetMode.choices)


def on_reopen_choices() -> list[tuple[str, Words]]:
    return list(OnReopen.choices)


def on_severity_choices() -> list[tuple[str, Words]]:
    return list(OnSeverity.choices)


def rung_unit_choices() -> list[tuple[str, Words]]:
    return list(RungUnit.choices)


def rung_act_choices() -> list[tuple[str, Words]]:
    return list(RungAct.choices)


def rung_whom_choices() -> list[tuple[str, Words]]:
    return list(RungWhom.choices)


def activity_group_choices() -> list[tuple[str, Words]]:
    return list(ActivityGroup.choices)


def letter_choices() -> list[tuple[str, Words]]:
    return [(letter.value, f"{letter.value} {letter.label}") for letter in Letter]


def authority_choices() -> list[tuple[str, Words]]:
    return list(Authority.choices)


def dependency_kind_choices() -> list[tuple[str, Words]]:
    return list(DependencyKind.choices)


def check_state_choices() -> list[tuple[str, Words]]:
    return list(CheckState.choices)
