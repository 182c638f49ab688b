"""Standards about who is called."""

from django.utils.translation import gettext_lazy as _

from rotas.queries import standards
from services.readiness import register

register(
    "cover",
    label=_("Somebody is on call"),
    why=_(
        "A promise without a person is none: tier 1 around the clock, the rest in the hours of the agreement."
    ),
    how_to_fix=_("Fill the gaps of the rotas that its policy calls, for the next two weeks."),
    check=standards.cover,
    order=60,
)
register(
    "policy",
    label=_("Every severity calls somebody"),
    why=_("An incident that calls nobody waits for somebody to look."),
    how_to_fix=_("Assign an escalation policy with steps for each severity, or a default one."),
    check=standards.policy,
    order=61,
)
register(
    "drill",
    label=_("Answered a drill within 90 days"),
    why=_("A chain that nobody has pulled may be broken."),
    how_to_fix=_("Begin a fire drill of the service, and see that somebody answers."),
    check=standards.drill,
    order=62,
)
