"""Doorbells."""

from celery import shared_task

from core import engines
from notifications.domain.delivery import tick

# a tick may wait 20 s for a mail server that says nothing
DELIVERY = engines.register(
    "delivery", label="Delivery", task="notifications.tasks.deliver", stale_after=60.0
)


@shared_task(name=DELIVERY.task)  # type: ignore[untyped-decorator]
def deliver() -> int:
    """Send what is due."""
    return engines.run(DELIVERY, tick)
