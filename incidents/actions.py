"""What a signed link in a message may do to incidents: acknowledge."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actions import Done, Sight, register
from core.types import Actor, Words
from core.ui.words import absolute, duration
from incidents.choices import ACKNOWLEDGE_BY_LINK
from incidents.domain.locks import lock
from incidents.domain.verbs import perform
from incidents.models import Incident
from incidents.queries.standing import standing, waits_for_acknowledgement
from incidents.queries.visible import by_ref
from incidents.rules import can_work
from rotas.queries.calls import called_people


class Acknowledge:
    """See core.actions.Action."""

    label: Words = gettext_lazy("Acknowledge")
    offer: Words = gettext_lazy("Acknowledge without signing in")

    def may(self, user: Any) -> bool:
        return can_work(user)

    def look(self, ref: str, *, user: Any, now: datetime) -> Sight | None:
        incident = by_ref(user, ref).select_related("service__client", "owner").first()
        return _sight(incident, user, now) if incident else None

    def do(self, ref: str, *, actor: Actor, now: datetime) -> Done | None:
        found = by_ref(actor.user, ref).first()
        if found is None:
            return None
        incident = lock(found.pk)  # of two at the same moment the second sees what the first did
        waited = waits_for_acknowledgement(incident)
        if incident.is_open:  # acknowledged before, it still calls back what was sent to this person alone
            incident = perform("acknowledge", incident, user=actor.user, actor=actor, now=now, inputs={})
        if not waited:
            sight = _sight(incident, actor.user, now)
            return Done(False, sight.standing, sight)
        said = _("You acknowledged it at %(time)s. Nobody else is called.") % {
            "time": absolute(now, actor.user.zone, now)
        }
        return Done(True, said, _sight(incident, actor.user, now))


def _sight(incident: Incident, user: Any, now: datetime) -> Sight:
    service = incident.service
    facts = [
        (gettext_lazy("Service"), f"{service.name}, {service.client_name}"),
        (gettext_lazy("Open for"), duration((now - incident.opened_at).total_seconds())),
    ]
    called = called_people("incident", incident.pk)
    if called and incident.is_open:
        names = [_("you") if person == user else str(person) for person in called]
        facts.append((gettext_lazy("Called"), ", ".join(names)))
    if incident.owner is not None:
        facts.append((gettext_lazy("Owner"), _("you") if incident.owner == user else str(incident.owner)))
    return Sight(
        ref=incident.ref,
        title=incident.title,
        url=f"/incidents/{incident.ref}/",
        severity=incident.severity,
        facts=tuple(facts),
        standing=standing(incident, user, now),
        is_open_to_do=waits_for_acknowledgement(incident),
    )


register(ACKNOWLEDGE_BY_LINK, Acknowledge())
