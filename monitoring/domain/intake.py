"""The intake engine: reads stored posts, folds their signals into alerts, leaves transitions for others."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction

from core.nudge import nudge
from monitoring.choices import RawState
from monitoring.domain.deliveries import MAX_REASON, park
from monitoring.domain.fold import LATE, RacedError, change_of, fold, is_late
from monitoring.domain.routing import Router
from monitoring.models import AlertChange, AlertOccurrence, Integration, RawDelivery
from monitoring.sources import get_source
from monitoring.types import Parsed, Signal, UnparsableError

log = logging.getLogger(__name__)
BATCH = 50
# A sender's clock may be wrong, but not by more: such a time would hide every later reading.
MAX_AHEAD = timedelta(days=1)
# Who claims the changes: named, because the room above is not ours to import.
NEXT_ENGINE = "incidents.tasks.intake"


def tick(now: datetime) -> int:
    """Read up to BATCH stored posts, oldest first, each in a transaction of its own; how many."""
    router = Router()
    for done in range(BATCH):
        if not _one(now, router):
            return done
    return BATCH


def _one(now: datetime, router: Router) -> bool:
    with transaction.atomic():
        row = (
            RawDelivery.objects.select_for_update(skip_locked=True)
            .filter(state=RawState.RECEIVED)
            .order_by("pk")
            .first()
        )
        if row is None:
            return False
        _lazy_commit()
        try:
            with transaction.atomic():
                process(row, router, now=now)
        except UnparsableError as error:
            park(row, str(error), now=now)
        except RacedError:
            # The row stays as it was; the other worker has committed, so the next round sees its alert.
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
    return True


def _lazy_commit() -> None:
    """Don't wait for the disk: were this commit lost, the post would still be waiting, and be read again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def process(row: RawDelivery, router: Router, *, now: datetime) -> None:
    """Read one post and fold its signals. Raises UnparsableError; RacedError when it has to be read again."""
    integration = router.integration(row.integration_id)
    source = get_source(integration.source) if integration else None
    if integration is None or source is None:
        raise UnparsableError("Its integration or the source of it is gone.", "Make a new integration.")
    parsed = source.parse(bytes(row.body), row.headers)
    _fold_all(row, integration, parsed, router, now)
    row.state = RawState.DONE
    row.handled_at = now
    row.signals = len(parsed.signals)
    row.truncated = parsed.truncated
    row.reason = " ".join(parsed.notes)[:MAX_REASON]
    row.save(update_fields=["state", "handled_at", "signals", "truncated", "reason"])
    _touch(integration, row.received_at)


def _fold_all(
    row: RawDelivery, integration: Integration, parsed: Parsed, router: Router, now: datetime
) -> None:
    expires_at = now + timedelta(days=settings.MAINSTAY_RAW_DAYS)
    occurrences, changes = [], []
    # In one order everywhere, so that two posts with the same alerts never wait for each other in a ring.
    for signal in sorted(parsed.signals, key=lambda signal: signal.identity):
        event_at = event_time(signal, row.received_at)
        route = router.route(integration, signal.labels)
        folded = fold(integration.pk, signal, route, event_at=event_at, seen_at=row.received_at)
        change = change_of(folded)
        occurrences.append(
            AlertOccurrence(
                alert_id=folded.id,
                delivery_id=row.pk,
                status=signal.status,
                at=row.received_at,
                event_at=event_at,
                note=LATE if is_late(folded, event_at) or folded.status != signal.status else "",
                expires_at=expires_at,
            )
        )
        if change:
            kind, detail = change
            changes.append(
                AlertChange(
                    alert_id=folded.id,
                    kind=kind,
                    at=now,
                    event_at=event_at,
                    detail=detail or signal.resolve_reason,
                )
            )
    AlertOccurrence.objects.bulk_create(occurrences, batch_size=500)
    if changes:
        AlertChange.objects.bulk_create(changes, batch_size=500)
        nudge(NEXT_ENGINE)


def event_time(signal: Signal, received_at: datetime) -> datetime:
    """The source's time of a reading; the time of arrival where it has none or one far in the future."""
    if signal.event_at is None or signal.event_at > received_at + MAX_AHEAD:
        return received_at
    return signal.event_at


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
