"""Which incidents, and which lines of them, a person may see. Every list and detail starts here."""

from typing import Any

from django.db.models import QuerySet

from accounts.rules import is_stakeholder, is_support
from core.refs import parse_ref
from incidents.choices import Visibility
from incidents.models import Entry, Incident
from services.models import Service
from services.queries.visible import sees_internal, services_visible_to


def incidents_visible_to(user: Any) -> QuerySet[Incident]:
    """Support sees all; a stakeholder those of the services they see; anybody else nothing."""
    if is_support(user):
        return Incident.objects.all()
    if is_stakeholder(user):
        return Incident.objects.filter(service__in=services_visible_to(user))
    return Incident.objects.none()


def incidents_listed_to(user: Any) -> QuerySet[Incident]:
    """The same for lists: narrowed by the keys of services, so that the database knows how many rows that leaves
    and chooses its way by it. One query for outsiders."""
    if is_stakeholder(user):
        return Incident.objects.filter(
            service__in=list(services_visible_to(user).values_list("pk", flat=True))
        )
    return incidents_visible_to(user)


def by_ref(user: Any, ref: str) -> QuerySet[Incident]:
    """The incident of this reference, as a queryset: empty for a stranger or for nonsense."""
    key = parse_ref("INC", ref)
    visible = incidents_visible_to(user)
    return visible.filter(pk=key) if key is not None else visible.none()


def entries_visible_to(user: Any, incident: Incident) -> QuerySet[Entry]:
    """Support reads every line; Engineering and Platform Ops too on services they are a party of; others what clients may read."""
    return lines_of(incident.pk, everything=reads_every_line(user, incident))


def reads_every_line(user: Any, incident: Incident) -> bool:
    """Whether internal lines are theirs to read. No query for support."""
    return is_support(user) or Service.objects.filter(sees_internal(user), pk=incident.service_id).exists()


def lines_of(incident_id: int, *, everything: bool) -> QuerySet[Entry]:
    """The lines of an incident; without `everything` those that clients may read."""
    entries = Entry.objects.filter(incident=incident_id)
    return entries if everything else entries.filter(visibility=Visibility.CLIENT)
