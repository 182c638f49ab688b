"""What several pages of incidents ask of a request."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from incidents import rules
from incidents.models import Incident
from incidents.queries.detail import marked, page_of
from incidents.queries.lists import internal_services
from incidents.queries.visible import by_ref
from incidents.ui.rows import Viewer


def zone_of(request: HttpRequest) -> str:
    """The IANA zone in which the reader reads times."""
    return str(getattr(request.user, "zone", "") or "UTC")


def viewer_of(request: HttpRequest) -> Viewer:
    """Whom rows are drawn for."""
    return Viewer(request.user.pk or 0, rules.can_work(request.user), zone_of(request))


def incident_or_404(request: HttpRequest, ref: str) -> Incident:
    """The incident of this reference as its page reads it, for people who may see it."""
    return _or_404(page_of(request.user, ref))


def plain_incident_or_404(request: HttpRequest, ref: str) -> Incident:
    """The incident of this reference, without what only its page shows, for people who may see it."""
    return get_object_or_404(
        by_ref(request.user, ref).select_related("service__client", "service__owning_team").defer("search")
    )


def marked_or_404(request: HttpRequest, ref: str) -> Incident:
    """No more of the incident than tells whether its page changed, for people who may see it."""
    return _or_404(marked(request.user, ref))


def _or_404(found: Incident | None) -> Incident:
    if found is None:
        raise Http404
    return found


def reads_inside(request: HttpRequest, incident: Incident) -> bool:
    """Whether this reader sees internal lines of this incident."""
    inside = internal_services(request.user)
    return inside is None or incident.service_id in inside
