"""The intake engine: reads stored posts, folds their signals into alerts, leaves transitions for others.

Posts of one integration are read many at a time, in one transaction. Where that fails (an alert is in other hands,
one of them is something that we fail on) it is rolled back, and these posts are read one by one: so the others pass,
and only the one that it is about waits or is parked.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from core.meter import count, late
from core.patience import IMPATIENT, is_busy, unless_busy
from core.turns import Turns, keys_waiting
from monitoring.choices import RawState
from monitoring.domain.deliveries import finish, park
from monitoring.domain.folding import NEXT_ENGINE, Folding, Post, event_time
from monitoring.domain.reading import WE_FAILED, Parking, read_posts, room_at
from monitoring.domain.routing import Router
from monitoring.domain.standings import RacedError
from monitoring.models import Integration, RawDelivery

__all__ = ["NEXT_ENGINE", "event_time", "process", "tick"]

log = logging.getLogger(__name__)
# How many posts a tick reads, and how many of one integration at its turn.
BATCH = 1_000
TURN = 250
# So many bytes of bodies are read at one turn: as a rule more than may be folded in one transaction.
BODIES = 500_000
# How many posts of one integration may step aside in a row before its turn is over.
STEP_ASIDE = 5
_WAITS = "state = 'received'"
_turns = Turns()


def tick(now: datetime) -> int:
    """Read up to BATCH stored posts; how many.

    Integrations take turns, each with its oldest posts, so that one in a storm holds up no other.
    """
    work = _Work(now)
    return _turns.serve(keys_waiting(RawDelivery, "integration_id", _WAITS), work.turn, BATCH)


class _Work:
    """One tick: what it may still read, which posts stepped aside, which integrations have none left or are read one by one."""

    def __init__(self, now: datetime) -> None:
        self.now, self.router, self.room = now, Router(), BATCH
        self.aside: set[int] = set()
        self.emptied: set[int] = set()
        self.singly: Counter[int] = Counter()

    def turn(self, integration_id: int) -> int:
        """One integration's turn; how many of its posts were read.

        Once all that waited is read its turns are over: what came meanwhile has rung, and is read with more of its kind.
        """
        if integration_id in self.emptied:
            return 0
        done = 0 if self.singly[integration_id] > 0 else self._many(integration_id)
        if not done and self.singly[integration_id] > 0:
            self.singly[integration_id] -= 1
            done = self._single(integration_id)
        self.room -= done
        return done

    def _many(self, integration_id: int) -> int:
        """Read its oldest posts together; 0 when there are none, or when they have to be read one by one."""
        size = min(TURN, self.room)
        for _ in range(2):
            try:
                read, is_all = self._together(integration_id, size)
            except RacedError:
                # The other worker has committed, so the next round sees its alerts.
                log.info("posts of integration %s met another worker; read again", integration_id)
            except Exception as error:
                if isinstance(error, OperationalError) and not is_busy(error):
                    raise
                log.info("posts of integration %s are read one by one: %s", integration_id, error)
                break
            else:
                if is_all:
                    self.emptied.add(integration_id)
                _tell(self.router.integration(integration_id), read, self.now)
                return len(read)
            finally:
                self.router.forget_siblings()
        self.singly[integration_id] = size
        return 0

    @transaction.atomic
    def _together(self, integration_id: int, size: int) -> tuple[list[Post | Parking], bool]:
        """What became of its oldest posts, and whether these are all that wait but for those that stepped aside."""
        lot = _lot(integration_id, self.aside, size)
        if lot is None:
            return [], True
        integration = self.router.integration(integration_id)
        room = room_at(integration, lot.since) if integration is not None and lot.posts > 1 else lot.posts
        # A post has an alert as a rule: more than there is room for would be read for nothing.
        rows = list(_waiting(integration_id, self.aside)[: min(lot.posts, room)])
        if not rows:
            return [], False
        _settle_terms()
        read = process(rows, self.router, now=self.now, room=room)
        return read, lot.is_all and len(read) == lot.posts

    def _single(self, integration_id: int) -> int:
        # a post whose alert is in other hands steps aside until the next tick, and the one behind it comes
        for _ in range(STEP_ASIDE):
            known = len(self.aside)
            if unless_busy(lambda: self._one(integration_id), otherwise=False):
                return 1
            if len(self.aside) == known:
                break
        return 0

    @transaction.atomic
    def _one(self, integration_id: int) -> bool:
        """Read the oldest post of an integration that isn't in `aside`; False when there is none.

        It joins those in `aside`, unless it has to be read again at once.
        """
        row = _waiting(integration_id, self.aside).first()
        if row is None:
            return False
        self.aside.add(row.pk)
        _settle_terms()
        try:
            with transaction.atomic():
                read = process([row], self.router, now=self.now)
        except RacedError:
            # The row stays as it was; the other worker has committed, so the next round sees its alert.
            self.aside.discard(row.pk)
            log.info("delivery %s met another worker; read again", row.pk)
        except OperationalError:
            raise
        except Exception as error:
            # One post that we fail on must not stop those behind it; it is kept and can be replayed.
            log.exception("delivery %s could not be worked", row.pk)
            park(row, WE_FAILED.format(type(error).__name__), now=self.now)
            _count(self.router.integration(integration_id), "parked")
        else:
            _tell(self.router.integration(integration_id), read, self.now)
        finally:
            self.router.forget_siblings()
        return True


def _next(integration_id: int, aside: set[int]) -> QuerySet[RawDelivery]:
    """Posts of an integration that wait, oldest first."""
    waiting = RawDelivery.objects.filter(integration_id=integration_id, state=RawState.RECEIVED)
    return waiting.exclude(pk__in=aside).order_by("pk")


def _waiting(integration_id: int, aside: set[int]) -> QuerySet[RawDelivery]:
    """Those of them that nobody has in hand, to be claimed."""
    return _next(integration_id, aside).select_for_update(skip_locked=True)


class _Lot(NamedTuple):
    """The next posts of an integration that are taken in hand: how many, when the first of them came, whether no other waits."""

    posts: int
    since: datetime
    is_all: bool


def _lot(integration_id: int, aside: set[int], most: int) -> _Lot | None:
    """As many as `most` and the size of their bodies allow, at least one; None when there are none."""
    found = list(_next(integration_id, aside).values_list(Length("body"), "received_at")[:most])
    if not found:
        return None
    fitting = sum(1 for sofar in accumulate(size for size, _ in found) if sofar <= BODIES)
    return _Lot(max(1, fitting), found[0][1], fitting == len(found) < most)


def _settle_terms() -> None:
    """Don't wait for the disk: were this commit lost, the posts would still be waiting, and be read again.

    Nor for an alert that somebody else works on: the posts wait instead.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT set_config('synchronous_commit', 'off', true), {IMPATIENT}")


def process(
    rows: Sequence[RawDelivery], router: Router, *, now: datetime, room: int = 1
) -> list[Post | Parking]:
    """Read posts of one integration, oldest first, and fold their signals: as many as have `room` alerts, at least one. What became
    of those that were read.

    Those that can't be read are parked. Raises RacedError when they have to be read again.
    """
    integration = router.integration(rows[0].integration_id)
    read = read_posts(rows, integration, now, room)
    for parking in read:
        if isinstance(parking, Parking):
            park(parking.row, parking.reason, now=now)
    posts = [each for each in read if isinstance(each, Post)]
    if integration is not None and posts:
        folding = Folding(integration, router, now)
        folding.take(posts)
        finish([post.row for post in posts], now=now)
        _touch(integration, max(post.row.received_at for post in posts))
    return read


def _tell(integration: Integration | None, read: Sequence[Post | Parking], now: datetime) -> None:
    """Count what was read, once it is certain."""
    posts = [each for each in read if isinstance(each, Post)]
    _count(integration, "parked", len(read) - len(posts))
    _count(integration, "read", len(posts))
    if integration is not None:
        names = integration.source, integration.name
        count("alerts", *names, n=sum(len(post.signals) for post in posts))
        count("coalesced", *names, n=sum(post.coalesced for post in posts))
    for post in posts:
        if not post.row.replays:
            late("intake", post.row.received_at, now)


def _count(integration: Integration | None, result: str, n: int = 1) -> None:
    count("posts", *((integration.source, integration.name) if integration else ("", "")), result, n=n)


def _touch(integration: Integration, received_at: datetime) -> None:
    """Remember when something last came. At most once a second, and never waiting for another worker."""
    last = integration.last_received_at
    if last is not None and received_at - last < timedelta(seconds=1):
        return
    integration.last_received_at = received_at
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE monitoring_integration SET last_received_at = %s WHERE id = "
            "(SELECT id FROM monitoring_integration WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)",
            [received_at, integration.pk],
        )
