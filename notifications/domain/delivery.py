"""The delivery engine: what is due leaves, by whatever channel, once and in order of urgency.

The inbox is served first and again and again while e-mails are under way, so it never waits for them. An
e-mail is sent by a thread that knows no database; a slow server holds a few threads, not the others' mail.
"""

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from notifications.channels import CHANNELS
from notifications.domain.claims import Claim, claim
from notifications.domain.inbox import deliver_rows
from notifications.domain.settling import settle
from notifications.types import DeliveryError, Outcome

log = logging.getLogger(__name__)
SENDERS = 8
INBOX_BATCH = 500
# Seconds of a tick: new e-mails are taken in hand, then those under way are waited for, then it is enough.
TAKING = 8.0
ENOUGH = 20.0
LOOK_ROUND = 0.2


@dataclass(slots=True)
class _Tick:
    """One tick: its time, its threads, what is under way."""

    began: datetime
    limit: int
    pool: ThreadPoolExecutor
    since: float = field(default_factory=time.monotonic)
    worked: int = 0
    taken: int = 0
    under_way: dict[Future[tuple[Outcome, int]], Claim] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since

    @property
    def now(self) -> datetime:
        """The tick's instant, moved on by what has passed since."""
        return self.began + timedelta(seconds=self.seconds)


def tick(now: datetime, limit: int = 50) -> int:
    """Deliver what is due at `now`: the inbox, then up to `limit` messages by other channels.

    Returns how many were worked. Ends within about 20 s whatever the mail server does.
    """
    inbox = deliver_rows(now, INBOX_BATCH)
    first, ended = claim(now, min(SENDERS, limit))
    if not first:
        return inbox + ended
    pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="deliver")
    run = _Tick(now, limit, pool, worked=inbox + ended)
    try:
        _start(run, first)
        while run.under_way:
            if run.seconds > ENOUGH:
                _let_go(run)
                break
            _settle_done(run)
            _take_more(run)
            run.worked += deliver_rows(run.now, INBOX_BATCH)
    finally:
        # never waits: a thread that hangs ends by its own time-out and its result counts no more
        pool.shutdown(wait=False, cancel_futures=True)
    return run.worked


def _start(run: _Tick, claims: list[Claim]) -> None:
    for each in claims:
        run.under_way[run.pool.submit(_timed, each)] = each
    run.taken += len(claims)


def _take_more(run: _Tick) -> None:
    """Fill free hands, urgent ones first: what became due meanwhile doesn't queue behind this batch."""
    free = min(SENDERS - len(run.under_way), run.limit - run.taken)
    if free > 0 and run.seconds < TAKING:
        more, ended = claim(run.now, free)
        run.worked += ended
        _start(run, more)


def _settle_done(run: _Tick) -> None:
    done, _ = wait(run.under_way, timeout=LOOK_ROUND, return_when=FIRST_COMPLETED)
    for future in done:
        each = run.under_way.pop(future)
        outcome, milliseconds = future.result()
        settle(each, outcome, run.now, milliseconds=milliseconds)
        run.worked += 1


def _let_go(run: _Tick) -> None:
    """Put down as a temporary error what has not ended; whatever its thread still says counts no more."""
    slow = Outcome("temporary", f"No answer within {ENOUGH:.0f} s.")
    for each in run.under_way.values():
        settle(each, slow, run.now, milliseconds=int(run.seconds * 1000))
        run.worked += 1


def attempt(each: Claim) -> Outcome:
    """Send one message and say how it ended. Never raises: an unforeseen error is a temporary one."""
    if each.given_up:
        return Outcome("permanent", each.given_up)
    if each.channel not in CHANNELS:
        return Outcome("permanent", f"There is no channel {each.channel!r}.")
    try:
        return CHANNELS[each.channel].send(each.outgoing)
    except DeliveryError as error:
        kind = "permanent" if error.permanent else "temporary"
        return Outcome(kind, error.message, error.retry_after, disables=error.disables)
    except Exception as error:
        if each.outgoing.address:
            # words and traceback of a library may hold the address, which may hold a key
            log.error("message %s by %s: %s", each.message_id, each.channel, type(error).__name__)
            return Outcome("temporary", f"{type(error).__name__}.")
        log.exception("message %s by %s", each.message_id, each.channel)
        return Outcome("temporary", f"{type(error).__name__}: {error}")


def _timed(each: Claim) -> tuple[Outcome, int]:
    began = time.monotonic()
    outcome = attempt(each)
    return outcome, int((time.monotonic() - began) * 1000)
