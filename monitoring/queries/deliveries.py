"""Raw posts and integrations, for leads."""

import json
from contextlib import suppress
from typing import Any

from django.db.models import QuerySet

from accounts.rules import is_lead
from monitoring.choices import RawState
from monitoring.models import Integration, RawDelivery

NEWEST_FIRST = ("-received_at", "-pk")
MAX_SHOWN = 200_000


def deliveries_visible_to(user: Any) -> QuerySet[RawDelivery]:
    """Leads see every post, others none."""
    return RawDelivery.objects.all() if is_lead(user) else RawDelivery.objects.none()


def integrations_visible_to(user: Any) -> QuerySet[Integration]:
    """Leads see every integration (its URL is a secret), others none."""
    integrations = Integration.objects.select_related("service")
    return integrations if is_lead(user) else integrations.none()


def parked(user: Any) -> QuerySet[RawDelivery]:
    """Posts that could not be read."""
    return deliveries_visible_to(user).filter(state=RawState.PARKED)


def parked_count() -> int:
    """How many posts wait for a lead. Served by the partial index on parked ones."""
    return RawDelivery.objects.filter(state=RawState.PARKED).count()


def names_of_integrations(deliveries: list[RawDelivery]) -> dict[int, Integration]:
    """The integrations behind these posts, by id. One query."""
    return Integration.objects.in_bulk({row.integration_id for row in deliveries})


def readable(body: bytes | memoryview) -> str:
    """A raw body for the eye: JSON indented, else the text as it is; cut at MAX_SHOWN characters."""
    text = bytes(body).decode("utf-8", errors="replace").replace("\0", "␀")
    if len(text) <= MAX_SHOWN:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return "".join(char if char.isprintable() or char in "\n\t" else "�" for char in text[:MAX_SHOWN])
