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
    entries = Entry.objects.filter(incident=incident)
    if is_support(user):
        return entries
    if Service.objects.filter(sees_internal(user), pk=incident.service_id).exists():
        return entries
    return entries.filter(visibility=Visibility.CLIENT)
