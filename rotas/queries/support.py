"""Support hours of a service: those of the calendar of its agreement."""

from datetime import datetime

from core import calendars
from core.calendars import NeverOpen
from rotas.subjects import SupportHours
from services.models import Service
from services.queries.agreement import hours_of, version_for


def support_of(service: Service, now: datetime) -> SupportHours | None:
    """Whether the service is supported at an instant, and from when on where it isn't; None where it has no agreement."""
    version = version_for(service, now)
    if version is None:
        return None
    hours = hours_of(version, service, now)
    if calendars.is_open(hours, now):
        return SupportHours(is_open=True)
    try:
        return SupportHours(is_open=False, opens_at=calendars.next_open(hours, now))
    except NeverOpen:
        return SupportHours(is_open=False)
