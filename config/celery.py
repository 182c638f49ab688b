"""Celery only wakes the engines. The table of ticks stands here; config/beat.py rings them."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from config.elapsed import every

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("mainstay", amqp="config.broker:Amqp", fixups=["config.worker_database:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Each tick drains what is due; between ticks a nudge may have done so already. A ring has no `expires`: see beat.py.
app.conf.beat_schedule = {
    name: {"task": task, "schedule": every(seconds)}
    for name, task, seconds in [
        ("intake", "monitoring.tasks.intake", 1.0),
        ("incidents", "incidents.tasks.intake", 1.0),
        ("clocks", "incidents.tasks.clocks", 0.5),
        ("escalation", "rotas.tasks.escalate", 0.5),
        ("delivery", "notifications.tasks.deliver", 1.0),
        ("cover", "rotas.tasks.cover", 5.0),
        ("leave calendars", "rotas.tasks.leave_calendars", 30.0),
        ("burn", "monitoring.tasks.burn", 5.0),
        ("heartbeat", "core.tasks.beat_out", 2.0),
        ("promises", "incidents.tasks.check_promises", 3600.0),
        ("readiness", "services.tasks.check_readiness", 3600.0),
        ("housekeeping", "config.tasks.housekeeping", 600.0),
    ]
}


@worker_init.connect  # type: ignore[untyped-decorator]
def warm_up(**_: Any) -> None:
    """Read all of the portal before the first ring is answered: else the first page would wait for it, for seconds."""
    # Django is set up only now.
    from config import warm  # noqa: PLC0415

    warm.read_addresses()
    gc.freeze()
