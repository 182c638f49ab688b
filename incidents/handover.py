"""What incidents put into a hand-over: what is open, what waits for others, alerts that nobody took up, runbooks begun."""

from django.utils.translation import gettext_lazy as _

from incidents.queries import handover
from rotas.handover_sections import register

register("incidents", _("Open incidents"), 10, handover.open_incidents)
register("waiting", _("Waiting for others"), 20, handover.waiting_for_others)
register("alerts", _("To watch"), 30, handover.unclaimed_alerts)
register("runbooks", _("Runbooks begun"), 40, handover.runbooks_begun)
