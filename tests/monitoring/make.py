"""Makers of intake's test data."""

from datetime import datetime, timedelta
from typing import Any

from core.types import SYSTEM
from monitoring.domain.deliveries import receive
from monitoring.domain.intake import tick
from monitoring.domain.integrations import create_integration
from monitoring.models import Alert, AlertChange, Integration
from tests.make import NOW
from tests.monitoring.payloads import sample


def integration(source: str = "alertmanager", **fields: Any) -> Integration:
    return create_integration(source, actor=SYSTEM, now=NOW, **fields)


def arrive(door: Integration, body: bytes | str, *, at: datetime = NOW, **fields: Any) -> int:
    """A post arrives and waits; `body` is bytes or the name of a sample."""
    data = sample(body) if isinstance(body, str) else body
    return receive(door, data, headers={}, delivery_id=fields.get("delivery_id", ""), address=None, now=at)


def take(door: Integration, *bodies: bytes | str, at: datetime = NOW) -> None:
    """Posts arrive a second apart, each read at once."""
    for seconds, body in enumerate(bodies):
        moment = at + timedelta(seconds=seconds)
        arrive(door, body, at=moment)
        tick(moment)


def changes() -> list[str]:
    """Kinds of all transitions, oldest first."""
    return list(AlertChange.objects.order_by("pk").values_list("kind", flat=True))


def alert(**lookup: Any) -> Alert:
    return Alert.objects.get(**lookup)
