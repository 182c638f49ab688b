"""What several pages of incidents ask of a request."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from incidents.models import Incident
from incidents.queries.visible import by_ref
from monitoring.queries.storms import ended_up_in
from rotas.queries.calls import calls_now


def zone_of(request: HttpRequest) -> str:
    """The IANA zone in which the reader reads times."""
    return str(getattr(request.user, "zone", "") or "UTC")


def incident_or_404(request: HttpRequest, ref: str) -> Incident:
    """The incident of this reference, for people who may see it. `calls_now`: people are called for it."""
    return get_object_or_404(
        by_ref(request.user, ref)
        .select_related(
            "service__client", "service__owning_team", "owner__site", "reporter", "model_version__model"
        )
        .annotate(calls_now=calls_now("incident"), had_storm=ended_up_in())
        .defer("search")
    )
