"""The standard that machines speak."""

from django.utils.translation import gettext_lazy as _

from monitoring.queries import standards
from services.readiness import register

register(
    "alerts",
    label=_("Alerts arrive"),
    why=_("Silence looks the same whether all is well or nothing is watched."),
    how_to_fix=_("Send its alerts here with the service's slug as a label, or a daily test alert."),
    check=standards.alerts,
    order=80,
)
