"""Runbooks as lists: only the support organisation reads them."""

from typing import Any

from django.db.models import QuerySet

from accounts.rules import is_support
from core import search
from runbooks.models import Runbook


def runbooks_visible_to(user: Any) -> QuerySet[Runbook]:
    """All for support, nothing for anybody else."""
    return Runbook.objects.filter(is_active=True) if is_support(user) else Runbook.objects.none()


def found(runbooks: QuerySet[Runbook], *, words: str = "", service: str = "") -> QuerySet[Runbook]:
    """Those with all the words (each by its beginning), written for this service."""
    asked = search.query(words)
    if asked is not None:
        runbooks = runbooks.filter(search=asked)
    if service:
        runbooks = runbooks.filter(services__slug=service)
    return runbooks
