"""Doorbells."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core import engines
from notifications.domain.delivery import tick
from notifications.queries import waiting

# a tick may wait 20 s for a mail server that says nothing
DELIVERY = engines.register(
    "delivery",
    label=_("Delivery"),
    task="notifications.tasks.deliver",
    stale_after=60.0,
    meaning=_("Messages and calls are written, but reach nobody."),
    waiting=waiting.waiting,
    order=50,
    stuck_rows=waiting.stuck_rows,
)


@shared_task(name=DELIVERY.task)  # type: ignore[untyped-decorator]
def deliver() -> int:
    """Send what is due."""
    return engines.run(DELIVERY, tick)
