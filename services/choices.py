"""Choices of the catalogue and of promises."""

from django.db.models import IntegerChoices, TextChoices


class Severity(TextChoices):
    """How bad. Lower is worse; each carries its word, shape and token so that all pages agree."""

    SEV1 = "SEV1", "Critical"
    SEV2 = "SEV2", "Major"
    SEV3 = "SEV3", "Minor"
    SEV4 = "SEV4", "Low"

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

    T1 = 1, "T1"
    T2 = 2, "T2"
    T3 = 3, "T3"


class ServiceKind(TextChoices):
    ONLINE = "online", "Online inference"
    BATCH = "batch", "Batch"
    PIPELINE = "pipeline", "Pipeline"
    PLATFORM = "platform", "Platform"
    ANNOTATION = "annotation", "Annotation"


class Environment(TextChoices):
    PRODUCTION = "production", "Production"
    STAGING = "staging", "Staging"


class Lifecycle(TextChoices):
    ONBOARDING = "onboarding", "Onboarding"
    LIVE = "live", "Live"
    RETIRING = "retiring", "Retiring"
    RETIRED = "retired", "Retired"


class Stage(TextChoices):
    """Where a model version stands."""

    CANDIDATE = "candidate", "Candidate"
    CANARY = "canary", "Canary"
    CHAMPION = "champion", "Champion"
    ARCHIVED = "archived", "Archived"


class PromiseKind(TextChoices):
    """What is promised within a time."""

    ACKNOWLEDGE = "acknowledge", "Acknowledge"
    RESOLVE = "resolve", "Resolve"


class Weekday(IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


def severity_choices() -> list[tuple[str, str]]:
    return [(item.value, f"{item.value} {item.label}") for item in Severity]


def tier_choices() -> list[tuple[int, str]]:
    return list(Tier.choices)


def kind_choices() -> list[tuple[str, str]]:
    return list(ServiceKind.choices)


def environment_choices() -> list[tuple[str, str]]:
    return list(Environment.choices)


def lifecycle_choices() -> list[tuple[str, str]]:
    return list(Lifecycle.choices)


def stage_choices() -> list[tuple[str, str]]:
    return list(Stage.choices)


def promise_choices() -> list[tuple[str, str]]:
    return list(PromiseKind.choices)


def weekday_choices() -> list[tuple[int, str]]:
    return list(Weekday.choices)
