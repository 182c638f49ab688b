"""Choices that carry their face."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.types import Words


class Role(TextChoices):
    """What a person may do, portal and API alike."""

    RESPONDER = "responder", _("Responder")
    LEAD = "lead", _("Lead")
    ADMINISTRATOR = "administrator", _("Administrator")
    STAKEHOLDER = "stakeholder", _("Stakeholder")
    SERVICE = "service", _("Service account")


class TeamKind(TextChoices):
    """The party a team stands for in the support model."""

    L1 = "l1", _("L1")
    L2 = "l2", _("L2")
    ENGINEERING = "engineering", _("Engineering")
    PLATFORM_OPS = "platform_ops", _("Platform Ops")
    PARTNER = "partner", _("Partner")


class Hue(TextChoices):
    """The quiet colour of a site: for people and shifts only."""

    KTM = "ktm", _("Blue")
    NBO = "nbo", _("Teal")
    BOG = "bog", _("Plum")


def role_choices() -> list[tuple[str, Words]]:
    return list(Role.choices)


def team_kind_choices() -> list[tuple[str, Words]]:
    return list(TeamKind.choices)


def hue_choices() -> list[tuple[str, Words]]:
    return list(Hue.choices)
