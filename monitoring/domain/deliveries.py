"""What arrived: kept before it is answered, parked when it can't be read, replayed on request."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.domain import audit
from core.errors import IllegalState
from core.nudge import nudge
from core.rowsets import insert_rows, update_rows
from core.types import Actor
from monitoring.choices import RawState
from monitoring.models import DeliveryId, Integration, RawDelivery

INTAKE_TASK = "monitoring.tasks.intake"
MAX_REASON = 500
_READ = {
    "id": "bigint", "expires_at": "timestamptz", "signals": "int", "truncated": "int", "reason": "text",
}  # fmt: skip

_ID = {"integration_id": "bigint", "delivery_id": "text", "raw_id": "bigint", "expires_at": "timestamptz"}


def receive(
    integration: Integration,
    body: bytes,
    *,
    headers: Mapping[str, str],
    delivery_id: str,
    address: str | None,
    now: datetime,
) -> int:
    """Store one post and ring the engine; the row's id.

    A `delivery_id` that this integration has used before stores nothing and gives the first row's id.
    Raises django.db.DatabaseError when the row can't be stored.
    """
    row = RawDelivery(
        integration_id=integration.pk,
        received_at=now,
        body=body,
        headers=dict(headers),
        delivery_id=delivery_id,
        address=address,
        expires_at=now + timedelta(days=settings.MAINSTAY_RAW_DAYS),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if delivery_id:
                _note_id(row)
    except IntegrityError:
        return DeliveryId.objects.values_list("raw_id", flat=True).get(
            integration_id=integration.pk, delivery_id=delivery_id
        )
    nudge(INTAKE_TASK)
    return row.pk


def claim_ids(row: RawDelivery, ids: Sequence[str]) -> set[str]:
    """Note the ids of the events inside a post; those among them that came with no other post before."""
    rows = [
        {
            "integration_id": row.integration_id,
            "delivery_id": each,
            "raw_id": row.pk,
            "expires_at": row.expires_at,
        }
        for each in sorted(set(ids))
    ]
    # its own ones again: the post may have brought its id outside too, or be read once more
    clause = (
        "ON CONFLICT (integration_id, delivery_id) DO UPDATE SET raw_id = t.raw_id "
        "WHERE t.raw_id = excluded.raw_id RETURNING t.delivery_id"
    )
    return {each for (each,) in insert_rows("monitoring_deliveryid", _ID, rows, clause=clause)}


def _note_id(row: RawDelivery) -> None:
    """Raises IntegrityError when another post came with it before."""
    DeliveryId.objects.create(
        integration_id=row.integration_id,
        delivery_id=row.delivery_id,
        raw_id=row.pk,
        expires_at=row.expires_at,
    )


def is_packed(row: RawDelivery) -> bool:
    """Whether the body is still gzip: it could not be unpacked when it came."""
    return "content-encoding" in row.headers and bytes(row.body[:2]) == b"\x1f\x8b"


def park(row: RawDelivery, reason: str, *, now: datetime) -> None:
    """Put a post aside, visible to leads with the reason."""
    row.state = RawState.PARKED
    row.reason = reason if len(reason) <= MAX_REASON else reason[: MAX_REASON - 1] + "…"
    row.handled_at = now
    row.save(update_fields=["state", "reason", "handled_at"])


def finish(rows: Sequence[RawDelivery], *, now: datetime) -> None:
    """Posts have been read; their `signals`, `truncated` and `reason` are set."""
    told = [
        {
            "id": row.pk,
            "expires_at": row.expires_at,
            "signals": row.signals,
            "truncated": row.truncated,
            "reason": row.reason,
        }
        for row in rows
    ]
    update_rows(
        "monitoring_rawdelivery",
        _READ,
        told,
        change="state = %s, handled_at = %s, signals = given.signals, truncated = given.truncated, "
        "reason = given.reason",
        where="t.id = given.id AND t.expires_at = given.expires_at",
        values=[RawState.DONE, now],
    )
    for row in rows:
        row.state, row.handled_at = RawState.DONE, now


def replay(row: RawDelivery, *, actor: Actor, now: datetime) -> RawDelivery:
    """Have a parked post read again, by the time at which it arrived. Raises IllegalState unless parked."""
    with transaction.atomic():
        row = RawDelivery.objects.select_for_update().get(pk=row.pk)
        if row.state != RawState.PARKED:
            raise IllegalState("Only a parked delivery can be replayed; this one is not parked any more.")
        row.state = RawState.RECEIVED
        row.replays += 1
        row.handled_at = None
        row.save(update_fields=["state", "replays", "handled_at"])
        audit.record(
            "delivery.replay", actor=actor, now=now, subject_kind="delivery", subject_id=row.pk,
            subject_name=f"delivery {row.pk}", detail={"reason": row.reason},
        )  # fmt: skip
        nudge(INTAKE_TASK)
    return row
