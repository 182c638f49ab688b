"""Sessions in the database, as Django keeps them, read by a query that is compiled once: every page reads one."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from core.compiled import compiled


@compiled
def _kept(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(DatabaseStore):
    """Django's own store; only how a row is read differs."""

    def _get_session_from_db(self) -> Any:
        """The row of this session, None where it has none that still holds. A session that has ended gets a new key."""
        # By the clock of the machine, where the time in `expire_date` comes from too.
        found = _kept(self.session_key, timezone.now())  # noqa: TID251
        if found:
            return found[0]
        self._session_key = None
        return None
