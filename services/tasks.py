"""Doorbells."""

from celery import shared_task

from core import clock
from services.domain import readiness


@shared_task(name=readiness.DOORBELL)  # type: ignore[untyped-decorator]
def check_readiness() -> None:
    """Look at all services by all standards, once an hour."""
    now = clock.now()
    if readiness.is_due(now):
        readiness.check_all(now)
