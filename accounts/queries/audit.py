"""The audit trail, for leads."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import AuditEntry
from accounts.rules import is_lead

NEWEST_FIRST = ("-at", "-pk")


def audit_visible_to(user: Any) -> QuerySet[AuditEntry]:
    """Everything for leads and administrators, nothing for anybody else."""
    return AuditEntry.objects.all() if is_lead(user) else AuditEntry.objects.none()
