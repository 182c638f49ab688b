"""What several pages of incidents ask of a request."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from core.http.now import request_now
from incidents.models import Incident
from incidents.queries.counts import Counts, counts
from incidents.queries.visible import by_ref


def counts_of(request: HttpRequest) -> Counts:
    """How many wait, asked once a request for tabs, badge and pulse."""
    found: Counts | None = getattr(request, "_incident_counts", None)
    if found is None:
        found = counts(request.user, request_now(request))
        request._incident_counts = found  # type: ignore[attr-defined]
    return found


def zone_of(request: HttpRequest) -> str:
    """The IANA zone in which the reader reads times."""
    return str(getattr(request.user, "zone", "") or "UTC")


def incident_or_404(request: HttpRequest, ref: str) -> Incident:
    """The incident of this reference, for people who may see it."""
    return get_object_or_404(
        by_ref(request.user, ref).select_related(
            "service__client", "service__owning_team", "owner__site", "reporter", "model_version__model"
        ),
    )
