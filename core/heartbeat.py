"""The outgoing heartbeat: while every engine is well, an address outside hears from us.

When it hears nothing for a while, somebody there tells people: the one failure that we can't report ourselves is
our own death. So a beat leaves only after the database has taken a write, and while no engine is late.

The row `heartbeat.sent` among the beats of engines remembers: `started_at` the last try, `finished_at` the last
beat that arrived, `worked` how many have, `error` why the last one did not leave.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import meter, watch
from core.http import outbound
from core.models import EngineTick
from core.waiting import StuckRow, Waiting

log = logging.getLogger(__name__)
ENGINE = "heartbeat"
SENT = "heartbeat.sent"
RETRY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """As of an instant: where it goes (the host alone, a path may be a secret), when the last one arrived, what is wrong."""

    host: str
    every: timedelta
    left_at: datetime | None = None
    next_at: datetime | None = None
    trouble: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.host)

    def is_silent(self, now: datetime) -> bool:
        """Those outside have heard nothing for two beats, or nothing yet, and we know why."""
        return bool(self.trouble) and (self.left_at is None or now - self.left_at > 2 * self.every)


def heartbeat(now: datetime, beats: dict[str, EngineTick] | None = None) -> Heartbeat:
    """How it stands. No query where the caller has the beats already, else one."""
    host = urlsplit(settings.MAINSTAY_HEARTBEAT_URL).hostname or ""
    if not host:
        return Heartbeat("", _every())
    row = EngineTick.objects.filter(name=SENT).first() if beats is None else beats.get(SENT)
    if row is None:
        return Heartbeat(host, _every(), next_at=now)
    return Heartbeat(host, _every(), row.finished_at if row.worked else None, _next_at(row), row.error)


def waiting(now: datetime) -> Waiting:
    """One beat is due, or will be."""
    known = heartbeat(now)
    if known.next_at is None:
        return Waiting()
    # Since when it should have left, not since the last try.
    owed = known.left_at + known.every if known.left_at else known.next_at
    stuck = int(bool(known.trouble))
    if owed <= now:
        return Waiting(due=1, oldest=owed, stuck=stuck, next_due=max(known.next_at, now))
    return Waiting(stuck=stuck, next_due=known.next_at)


def stuck_rows(now: datetime, limit: int) -> list[StuckRow]:
    """The beat that can't leave."""
    known = heartbeat(now)
    if not known.trouble:
        return []
    return [StuckRow(_("Heartbeat to %(host)s") % {"host": known.host}, known.trouble, known.left_at)]


def tick(now: datetime) -> int:
    """Send a beat where one is due and all is well; how many were tried."""
    if not settings.MAINSTAY_HEARTBEAT_URL:
        return 0
    row = EngineTick.objects.filter(name=SENT).first()
    if row is not None and _next_at(row) > now:
        return 0
    if row is None:
        _remember_first(now)
    if not _claim(now):
        return 0
    trouble = _send()
    mine = EngineTick.objects.filter(name=SENT, started_at=now)
    if trouble:
        log.warning("the heartbeat did not arrive: %s", trouble)
        meter.count("heartbeat", "failed")
        mine.update(error=trouble[:500])
    else:
        meter.count("heartbeat", "sent")
        mine.update(finished_at=now, worked=F("worked") + 1, error="")
    return 1


@transaction.atomic
def _claim(now: datetime) -> bool:
    """Take the beat in hand; False where another worker has it, or where it must not leave."""
    row = EngineTick.objects.select_for_update(skip_locked=True).filter(name=SENT).first()
    if row is None or _next_at(row) > now:
        return False
    late = watch.late(state for state in watch.look(now, besides=ENGINE))
    if late:
        names = ", ".join(str(state.engine.label) for state in late)
        _withhold(row, _("Withheld, because an engine is late: %(names)s.") % {"names": names})
        return False
    row.started_at = now
    row.save(update_fields=["started_at"])
    return True


def _withhold(row: EngineTick, why: str) -> None:
    meter.count("heartbeat", "withheld")
    if row.error != why:
        log.error("the heartbeat is withheld: %s", why)
        row.error = why[:500]
        row.save(update_fields=["error"])


def _send() -> str:
    """Post to the address; why it did not arrive, "" where it did."""
    try:
        answer = outbound.post(settings.MAINSTAY_HEARTBEAT_URL, trusted=True)
    except outbound.OutboundError as error:
        return error.message
    if 200 <= answer.status < 300:
        return ""
    host = urlsplit(settings.MAINSTAY_HEARTBEAT_URL).hostname
    return f"{host} answered {answer.status}."


def _remember_first(now: datetime) -> None:
    row = EngineTick(name=SENT, started_at=now - _every(), finished_at=now - _every())
    EngineTick.objects.bulk_create([row], ignore_conflicts=True)


def _next_at(row: EngineTick) -> datetime:
    """A whole period after a beat that arrived; soon after one that did not, or is still under way."""
    if row.finished_at >= row.started_at and not row.error:
        return row.finished_at + _every()
    return row.started_at + min(RETRY, _every())


def _every() -> timedelta:
    return timedelta(seconds=max(settings.MAINSTAY_HEARTBEAT_SECONDS, 1))
