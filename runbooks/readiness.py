"""Standards about what to do."""

from django.utils.translation import gettext_lazy as _

from runbooks.queries import standards
from services.readiness import register

register(
    "runbook",
    label=_("L1 has a runbook"),
    why=_("What L1 may do it does by a runbook; without one it can only call somebody."),
    how_to_fix=_("Write a runbook for the service, or attach one that fits."),
    check=standards.runbook,
    order=70,
)
register(
    "runbook_tested",
    label=_("Runbooks were tested within 180 days"),
    why=_("Systems change; a step that no longer works is found at the worst moment."),
    how_to_fix=_("Walk through each runbook of the service and note the day."),
    check=standards.tested,
    order=71,
)
