"""Celery only wakes the engines. The table of ticks stands here; config/beat.py rings them."""

import os

from celery import Celery

from config.elapsed import every

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("mainstay", amqp="config.broker:Amqp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Each tick drains what is due; between ticks a nudge may have done so already. A ring has no `expires`: see beat.py.
app.conf.beat_schedule = {
    name: {"task": task, "schedule": every(seconds)}
    for name, task, seconds in [
        ("intake", "monitoring.tasks.intake", 1.0),
        ("incidents", "incidents.tasks.intake", 1.0),
        ("clocks", "incidents.tasks.clocks", 1.0),
        ("escalation", "rotas.tasks.escalate", 1.0),
        ("delivery", "notifications.tasks.deliver", 1.0),
        ("heartbeat", "core.tasks.beat_out", 2.0),
        ("housekeeping", "config.tasks.housekeeping", 600.0),
    ]
}
