"""Choices that carry their face."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a person may do, portal and API alike."""

    RESPONDER = "responder", "Responder"
    LEAD = "lead", "Lead"
    ADMINISTRATOR = "administrator", "Administrator"
    STAKEHOLDER = "stakeholder", "Stakeholder"
    SERVICE = "service", "Service account"


class TeamKind(TextChoices):
    """The party a team stands for in the support model."""

    L1 = "l1", "L1"
    L2 = "l2", "L2"
    ENGINEERING = "engineering", "Engineering"
    PLATFORM_OPS = "platform_ops", "Platform Ops"
    PARTNER = "partner", "Partner"


class Hue(TextChoices):
    """The quiet colour of a site: for people and shifts only."""

    KTM = "ktm", "Blue"
    NBO = "nbo", "Teal"
    BOG = "bog", "Plum"


def role_choices() -> list[tuple[str, str]]:
    return list(Role.choices)


def team_kind_choices() -> list[tuple[str, str]]:
    return list(TeamKind.choices)


def hue_choices() -> list[tuple[str, str]]:
    return list(Hue.choices)
