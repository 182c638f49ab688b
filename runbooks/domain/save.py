"""Keeping a runbook: its search words, and a version that grows when what to do changes."""

from django.db.models import F

from core.search import vector
from runbooks.models import Runbook


def index(runbook: Runbook) -> None:
    """Refresh what people find it by. Call after its words, services or steps were saved."""
    words = [runbook.title, runbook.summary, runbook.body, runbook.slug]
    words += list(runbook.services.values_list("slug", flat=True)) + list(
        runbook.steps.values_list("text", flat=True)
    )
    Runbook.objects.filter(pk=runbook.pk).update(search=vector(*words))


def grew(runbook: Runbook) -> None:
    """What to do has changed: runs begun from now on carry the next version."""
    Runbook.objects.filter(pk=runbook.pk).update(version=F("version") + 1)
    runbook.refresh_from_db(fields=["version"])
