"""A worker keeps its connections from one ring to the next.

Celery's own hand for Django closes the whole pool before and after each task, so that each of thirty rings a second opened a
connection, with a new server process whose caches are cold. Here a task gives its connection back to the pool, which asks it
before it hands it out again: a restarted server costs no task. What a process inherits from its parent is still thrown away.
"""

from typing import Any

from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup


class KeepingFixup(DjangoWorkerFixup):  # type: ignore[misc]
    """Between tasks a connection is given back, not closed."""

    def on_task_prerun(self, sender: Any, **kwargs: Any) -> None:
        """Nothing: the task before has given everything back."""

    def on_task_postrun(self, sender: Any, **kwargs: Any) -> None:
        """Give back what the task used, unless it runs within somebody else's work."""
        if not getattr(sender.request, "is_eager", False):
            for connection in self._db.connections.all(initialized_only=True):
                connection.close()


class Fixup(DjangoFixup):  # type: ignore[misc]
    """Celery's hand for Django, with connections that are kept."""

    _worker_fixup: Any

    @property
    def worker_fixup(self) -> KeepingFixup:
        """Made when it is asked for: it reads the settings, which are not there yet when an app is made."""
        if self._worker_fixup is None:
            self._worker_fixup = KeepingFixup(self.app)
        found: KeepingFixup = self._worker_fixup
        return found


def fixup(app: Celery) -> DjangoFixup:
    """What `Celery(fixups=…)` asks for."""
    return Fixup(app).install()
