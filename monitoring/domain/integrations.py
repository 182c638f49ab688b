"""Doors for other tools: making them, finding them by their key, changing the key."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.domain import audit
from core.crypto import digest, seal, unseal
from core.errors import Invalid
from core.types import Actor
from monitoring.models import Integration
from monitoring.models.integration import MAX_RATE
from monitoring.sources import all_sources, get_source
from services.models import Service


def create_integration(
    source: str,
    *,
    name: str = "",
    service: Service | None = None,
    service_label: str = "service",
    actor: Actor,
    now: datetime,
) -> Integration:
    """A new door for `source` with a fresh key. Raises Invalid for a source that we don't know."""
    known = get_source(source)
    if known is None:
        slugs = ", ".join(each.slug for each in all_sources())
        raise Invalid(f"There is no source “{source}”. Known: {slugs}.", fields={"source": "unknown"})
    integration = Integration(
        name=name or (f"{known.label}, {service.slug}" if service else known.label),
        source=source,
        service=service,
        service_label=service_label,
        created_at=now,
    )
    return save_new(integration, actor=actor, now=now)


def save_new(integration: Integration, *, actor: Actor, now: datetime) -> Integration:
    """Give an unsaved integration its key and store it."""
    with transaction.atomic():
        _set_key(integration)
        integration.created_at = now
        integration.save()
        _record("integration.create", integration, actor, now)
    return integration


def rotate_key(integration: Integration, *, actor: Actor, now: datetime) -> Integration:
    """Replace the key; the former URL answers 404 from now on."""
    with transaction.atomic():
        _set_key(integration)
        integration.save(update_fields=["key_digest", "key_sealed"])
        _record("integration.rotate_key", integration, actor, now)
    return integration


def set_active(integration: Integration, active: bool, *, actor: Actor, now: datetime) -> Integration:
    """Open or shut a door. While it is shut its URL answers 404; alerts that came stay."""
    with transaction.atomic():
        integration.is_active = active
        integration.save(update_fields=["is_active"])
        _record("integration.open" if active else "integration.shut", integration, actor, now)
    return integration


def set_rate(integration: Integration, rate: int, *, actor: Actor, now: datetime) -> Integration:
    """How many alerts a minute it may send before they are counted together. Raises Invalid."""
    if not 1 <= rate <= MAX_RATE:
        raise Invalid(f"A rate is 1 to {MAX_RATE} alerts a minute.", fields={"rate": "out of range"})
    with transaction.atomic():
        integration.rate = rate
        integration.save(update_fields=["rate"])
        _record("integration.rate", integration, actor, now, rate=rate)
    return integration


def record_edit(integration: Integration, *, fields: list[str], actor: Actor, now: datetime) -> None:
    """Write down that somebody changed these settings of an integration."""
    _record("integration.edit", integration, actor, now, fields=fields)


def find_or_create(source: str, service: Service | None, *, actor: Actor, now: datetime) -> Integration:
    """The oldest active integration of `source` with `service` as its default (or none), or a new one."""
    found = Integration.objects.filter(source=source, service=service, is_active=True).order_by("pk").first()
    return found or create_integration(source, service=service, actor=actor, now=now)


def find_by_key(source: str, key: str) -> Integration | None:
    """The active integration behind an intake URL, or None."""
    return Integration.objects.filter(key_digest=digest(key), source=source, is_active=True).first()


def intake_url(integration: Integration) -> str:
    """The absolute URL to which the tool posts. It is a secret.

    Raises core.crypto.SecretUnreadableError when the key it was sealed with has been dropped.
    """
    key = unseal(integration.key_sealed)
    return f"{settings.MAINSTAY_PUBLIC_URL}/api/v1/intake/{integration.source}/{key}/"


def _set_key(integration: Integration) -> None:
    key = secrets.token_urlsafe(24)
    integration.key_digest = digest(key)
    integration.key_sealed = seal(key)


def _record(action: str, integration: Integration, actor: Actor, now: datetime, **facts: Any) -> None:
    audit.record(
        action,
        actor=actor,
        now=now,
        subject_kind="integration",
        subject_id=integration.pk,
        subject_name=integration.name,
        detail={"source": integration.source, **facts},
    )
