"""The incident's lock comes first, everywhere. NO KEY UPDATE lets timeline lines be added beside it."""

from django.db.models import QuerySet

from incidents.models import Incident


def lock(incident_id: int) -> Incident:
    """The incident, locked until the transaction ends. Raises Incident.DoesNotExist."""
    return _rows().select_for_update(no_key=True, of=("self",)).get(pk=incident_id)


def lock_if_free(incident_id: int) -> Incident | None:
    """The incident, locked, or None while somebody else works on it."""
    return (
        _rows().select_for_update(no_key=True, of=("self",), skip_locked=True).filter(pk=incident_id).first()
    )


def _rows() -> QuerySet[Incident]:
    return Incident.objects.select_related("service__owning_team__lead", "service__client", "owner")
