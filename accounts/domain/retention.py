"""Letting go of what nobody will ask for any more: old lines of the audit trail, ended sessions, spent links."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.domain.audit import record
from accounts.models import AuditEntry, LoginLink
from core.types import SYSTEM

CHUNK = 5_000


def old_audit(now: datetime) -> QuerySet[AuditEntry]:
    """Lines of whole UTC days older than MAINSTAY_AUDIT_DAYS (0: none, ever)."""
    until = _audit_until(now)
    return AuditEntry.objects.filter(at__lt=until) if until else AuditEntry.objects.none()


def old_sessions(now: datetime) -> QuerySet[Session]:
    """Sessions that have ended."""
    return Session.objects.filter(expire_date__lt=now)


def old_links(now: datetime) -> QuerySet[LoginLink]:
    """One-time links that have let nobody in for a day."""
    return LoginLink.objects.filter(expires_at__lt=now - timedelta(days=1))


def _audit_until(now: datetime) -> datetime | None:
    days = settings.MAINSTAY_AUDIT_DAYS
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days) if days > 0 else None


@transaction.atomic
def expire_audit(now: datetime) -> int:
    """Delete a bounded number of lines older than MAINSTAY_AUDIT_DAYS (0: none, ever); how many.

    Whole UTC days go at once. The table refuses deletes: this is the redaction path, and the trail tells
    of it.
    """
    until = _audit_until(now)
    keys = list(old_audit(now).order_by("at", "pk").values_list("pk", flat=True)[:CHUNK])
    if keys and until:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL mainstay.redaction = 'on'")
            AuditEntry.objects.filter(pk__in=keys).delete()
            cursor.execute("SET LOCAL mainstay.redaction = 'off'")
        record(
            "audit.expire",
            actor=SYSTEM,
            now=now,
            subject_kind="audit",
            subject_name=f"lines before {until:%Y-%m-%d}",
            detail={"lines": len(keys)},
        )
    return len(keys)


def expire_sessions(now: datetime) -> int:
    """Delete a bounded number of sessions that have ended; how many."""
    ended = list(old_sessions(now).values_list("pk", flat=True)[:CHUNK])
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)


def expire_links(now: datetime) -> int:
    """Delete one-time links that let nobody in any more, a day after their end; how many."""
    return old_links(now).delete()[0]
