"""The intake engine: reads stored posts, folds their signals into alerts, leaves transitions for others."""

import logging
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction

from core.meter import count, late
from core.patience import IMPATIENT, unless_busy
from core.turns import Turns, keys_waiting
from monitoring.choices import RawState
from monitoring.domain.deliveries import MAX_REASON, claim_id, is_packed, park
from monitoring.domain.fold import RacedError
from monitoring.domain.folding import NEXT_ENGINE, Folding, event_time
from monitoring.domain.routing import Router
from monitoring.models import Integration, RawDelivery
from monitoring.sources import get_source
from monitoring.types import UnparsableError

__all__ = ["NEXT_ENGINE", "event_time", "process", "tick"]

log = logging.getLogger(__name__)
BATCH = 50
# How many posts of one integration may step aside in a row before its turn is over.
STEP_ASIDE = 5
_WAITS = "state = 'received'"
_turns = Turns()


def tick(now: datetime) -> int:
    """Read up to BATCH stored posts, each in a transaction of its own; how many.

    Integrations take turns, each with its oldest post, so that one in a storm holds up no other.
    """
    router = Router()
    waiting = keys_waiting(RawDelivery, "integration_id", _WAITS)
    aside: set[int] = set()

    def take(integration_id: int) -> bool:
        # a post whose alert is in other hands steps aside until the next tick, and the one behind it comes
        for _ in range(STEP_ASIDE):
            known = len(aside)
            if unless_busy(lambda: _one(integration_id, now, router, aside), otherwise=False):
                return True
            if len(aside) == known:
                break
        return False

    return _turns.serve(waiting, take, BATCH)


def _one(integration_id: int, now: datetime, router: Router, aside: set[int]) -> bool:
    """Read the oldest post of an integration that isn't in `aside`; False when there is none.

    It joins those in `aside`, unless it has to be read again at once.
    """
    with transaction.atomic():
        row = (
            RawDelivery.objects.select_for_update(skip_locked=True)
            .filter(integration_id=integration_id, state=RawState.RECEIVED)
            .exclude(pk__in=aside)
            .order_by("pk")
            .first()
        )
        if row is None:
            return False
        aside.add(row.pk)
        _settle_terms()
        try:
            with transaction.atomic():
                process(row, router, now=now)
        except UnparsableError as error:
            park(row, str(error), now=now)
            _count(row, router, "parked")
        except RacedError:
            # The row stays as it was; the other worker has committed, so the next round sees its alert.
            aside.discard(row.pk)
            log.info("delivery %s met another worker; read again", row.pk)
        except OperationalError:
            raise
        except Exception as error:
            # One post that we fail on must not stop those behind it; it is kept and can be replayed.
            log.exception("delivery %s could not be worked", row.pk)
            park(
                row,
                f"Mainstay failed on it ({type(error).__name__}). It is kept; replay it after an update.",
                now=now,
            )
            _count(row, router, "parked")
    return True


def _settle_terms() -> None:
    """Don't wait for the disk: were this commit lost, the post would still be waiting, and be read again.

    Nor for an alert that somebody else works on: the post waits instead.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT set_config('synchronous_commit', 'off', true), {IMPATIENT}")


def process(row: RawDelivery, router: Router, *, now: datetime) -> None:
    """Read one post and fold its signals. Raises UnparsableError; RacedError when it has to be read again."""
    integration = router.integration(row.integration_id)
    source = get_source(integration.source) if integration else None
    if integration is None or source is None:
        raise UnparsableError("Its integration or the source of it is gone.", "Make a new integration.")
    if is_packed(row):
        raise UnparsableError(
            "The body says that it is gzip, but it can't be unpacked.",
            "Check what packs it, or send it plain.",
        )
    parsed = source.parse(bytes(row.body), row.headers)
    row.state = RawState.DONE
    row.handled_at = now
    row.truncated = parsed.truncated
    if parsed.delivery_id and not claim_id(row, parsed.delivery_id):
        row.reason = "A post with this id came before; it counts once."
    else:
        folding = Folding(row, integration, router, now)
        folding.take(parsed.signals)
        together = sum(tally.coalesced for tally in folding.tallies.values())
        count("alerts", integration.source, integration.name, n=len(parsed.signals))
        count("coalesced", integration.source, integration.name, n=together)
        row.signals = len(parsed.signals)
        row.reason = " ".join(parsed.notes)[:MAX_REASON]
    row.save(update_fields=["state", "handled_at", "signals", "truncated", "reason"])
    _touch(integration, row.received_at)
    _count(row, router, "read")
    if not row.replays:
        late("intake", row.received_at, now)


def _count(row: RawDelivery, router: Router, result: str) -> None:
    integration = router.integration(row.integration_id)
    count("posts", *((integration.source, integration.name) if integration else ("", "")), result)


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
