"""Doorbells."""

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from core import engines, heartbeat

# Rung in the courier, whose ticks may wait for other people's servers.
HEARTBEAT = engines.register(
    heartbeat.ENGINE,
    label=_("Heartbeat"),
    task="core.tasks.beat_out",
    every=2.0,
    stale_after=60.0,
    meaning=_("Whoever watches us from outside hears nothing."),
    waiting=heartbeat.waiting,
    order=90,
    stuck_rows=heartbeat.stuck_rows,
)


@shared_task(name=HEARTBEAT.task)  # type: ignore[untyped-decorator]
def beat_out() -> int:
    """Tell those outside that we live."""
    return engines.run(HEARTBEAT, heartbeat.tick)
