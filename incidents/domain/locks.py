"""The incident's lock comes first, everywhere. NO KEY UPDATE lets timeline lines be added beside it."""

from collections.abc import Collection

from django.db import connection
from django.db.models import QuerySet

from core.patience import IMPATIENT
from incidents.models import Incident

_SERVICES = 7_301  # the first key of our advisory locks on services


def try_service(service_id: int) -> bool:
    """Have a service to oneself until the transaction ends, as far as alerts go; False while somebody has it.

    It never waits: a busy service is left for the next tick. From here on the transaction waits for no other
    row either (core.patience): its incident may be in other hands.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_try_advisory_xact_lock(%s, %s), {IMPATIENT}",
            [_SERVICES, service_id % 2**31],
        )
        got, _ = cursor.fetchone()
    return bool(got)


def lock(incident_id: int) -> Incident:
    """The incident, locked until the transaction ends. Raises Incident.DoesNotExist."""
    return _rows().select_for_update(no_key=True, of=("self",)).get(pk=incident_id)


def choosing() -> QuerySet[Incident]:
    """Incidents that are locked by the very statement that chooses them.

    What ended while the statement waited for it is looked at again by its conditions and passed over for the next
    one. Not for queries that group or want distinct rows.
    """
    return _rows().select_for_update(no_key=True, of=("self",))


def lock_if_free(incident_id: int) -> Incident | None:
    """The incident, locked, or None while somebody else works on it."""
    return (
        _rows().select_for_update(no_key=True, of=("self",), skip_locked=True).filter(pk=incident_id).first()
    )


def lock_free(incident_ids: Collection[int]) -> list[Incident]:
    """Those of the incidents that nobody works on, locked in one order."""
    free = _rows().select_for_update(no_key=True, of=("self",), skip_locked=True)
    return list(free.filter(pk__in=incident_ids).order_by("pk"))


def _rows() -> QuerySet[Incident]:
    return Incident.objects.select_related("service__owning_team__lead", "service__client", "owner")
