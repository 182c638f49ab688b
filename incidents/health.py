"""What incidents know of a service: its worst open one."""

from collections.abc import Collection, Mapping

from incidents.choices import OPEN_STATES, State
from incidents.models import Incident
from services.health import register
from services.types import Tone, Truth

_TONES: dict[str, Tone] = {"SEV1": "bad", "SEV2": "bad", "SEV3": "watch", "SEV4": "watch"}
_WORDS = {"SEV1": "Broken", "SEV2": "Impaired", "SEV3": "Watch", "SEV4": "Watch"}


def worst_open(service_ids: Collection[int]) -> Mapping[int, Truth]:
    """The worst open incident of each service, as a truth; mitigated ones are only to be watched. One query."""
    found = (
        Incident.objects.filter(service_id__in=service_ids, state__in=OPEN_STATES)
        .order_by("service_id", "severity", "opened_at", "pk")
        .distinct("service_id")
        .only("service_id", "severity", "state", "title")
    )
    return {incident.service_id: _truth(incident) for incident in found}


def _truth(incident: Incident) -> Truth:
    url = f"/incidents/{incident.ref}/"
    if incident.state == State.MITIGATED:
        return Truth("watch", "Mitigated", incident.title, url)
    return Truth(_TONES[incident.severity], _WORDS[incident.severity], incident.title, url)


register("incidents", worst_open)
