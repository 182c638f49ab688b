"""The delivery engine: what is due leaves, by whatever channel, once and in order of urgency.

The inbox is served first and again and again while e-mails are under way, so it never waits for them. An
e-mail is sent by a thread that knows no database; a slow server holds a few threads, not the others' mail.
"""

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError

from core.patience import is_busy
from notifications.channels import CHANNELS
from notifications.domain.claims import Claim, claim, take_back
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


# A sending that has ended: how, and after how many milliseconds.
Ended = tuple[Claim, Outcome, int]


@dataclass(slots=True)
class _Tick:
    """One tick: its time, its threads, what is under way, what could not be put down yet, what went wrong."""

    began: datetime
    limit: int
    pool: ThreadPoolExecutor
    since: float = field(default_factory=time.monotonic)
    worked: int = 0
    taken: int = 0
    under_way: dict[Future[tuple[Outcome, int]], Claim] = field(default_factory=dict)
    unsettled: list[Ended] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since

    @property
    def now(self) -> datetime:
        """The tick's instant, moved on by what has passed since."""
        return self.began + timedelta(seconds=self.seconds)


def tick(now: datetime, limit: int = 50) -> int:
    """Deliver what is due at `now`: the inbox, then up to `limit` messages by other channels.

    Returns how many were worked. Ends within about 20 s whatever the mail server does. What goes wrong with one
    message stops no other: the first error is raised at the end.
    """
    pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="deliver")
    run = _Tick(now, limit, pool)
    try:
        _take_back(run)
        _deliver_inbox(run)
        _take_more(run)
        while run.under_way or run.unsettled:
            if run.seconds > ENOUGH:
                _let_go(run)
                break
            _settle_done(run)
            _take_more(run)
            _deliver_inbox(run)
    finally:
        # never waits: a thread that hangs ends by its own time-out and its result counts no more
        pool.shutdown(wait=False, cancel_futures=True)
    if run.failed:
        raise run.failed[0]
    return run.worked


def _take_back(run: _Tick) -> None:
    try:
        take_back(run.now)
    except Exception as error:
        log.exception("what ended senders left could not be taken back")
        run.failed.append(error)


def _deliver_inbox(run: _Tick) -> None:
    try:
        run.worked += deliver_rows(run.now, INBOX_BATCH)
    except Exception as error:
        log.exception("the inbox could not be delivered")
        run.failed.append(error)


def _start(run: _Tick, claims: list[Claim]) -> None:
    for each in claims:
        run.under_way[run.pool.submit(_timed, each)] = each
    run.taken += len(claims)


def _take_more(run: _Tick) -> None:
    """Fill free hands, urgent ones first: what became due meanwhile doesn't queue behind this batch."""
    free = min(SENDERS - len(run.under_way), run.limit - run.taken)
    if free > 0 and run.seconds < TAKING:
        try:
            more, ended = claim(run.now, free, run.failed)
        except Exception as error:
            # what is under way is put down all the same; a second try in this tick would fail as well
            log.exception("nothing could be taken in hand")
            run.failed.append(error)
            run.limit = 0
            return
        run.worked += ended
        _start(run, more)


def _settle_done(run: _Tick) -> None:
    again, run.unsettled = run.unsettled, []
    if again and not run.under_way:
        time.sleep(LOOK_ROUND)
    done, _ = wait(run.under_way, timeout=LOOK_ROUND, return_when=FIRST_COMPLETED)
    for ended in [*again, *((run.under_way.pop(future), *future.result()) for future in done)]:
        error = _settle(run, ended)
        if error is not None and run.seconds < ENOUGH and _is_busy(error):
            run.unsettled.append(ended)
        elif error is not None:
            run.failed.append(error)


def _settle(run: _Tick, ended: Ended) -> Exception | None:
    """Put one down; the error where that fails. What is never put down is found out when its lease runs out."""
    each, outcome, milliseconds = ended
    try:
        settle(each, outcome, run.now, milliseconds=milliseconds)
    except Exception as error:
        log.warning("message %s by %s can't be put down: %s", each.message_id, each.channel, error)
        return error
    run.worked += 1
    return None


def _is_busy(error: Exception) -> bool:
    return isinstance(error, OperationalError) and is_busy(error)


def _let_go(run: _Tick) -> None:
    """Put down as a temporary error what has not ended; whatever its thread still says counts no more."""
    slow = Outcome("temporary", f"No answer within {ENOUGH:.0f} s.")
    milliseconds = int(run.seconds * 1000)
    slow_ones: list[Ended] = [(each, slow, milliseconds) for each in run.under_way.values()]
    for ended in [*run.unsettled, *slow_ones]:
        error = _settle(run, ended)
        if error is not None:
            run.failed.append(error)


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
        return Outcome(kind, error.message, error.retry_after, disables=error.disables, doubts=error.doubts)
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
