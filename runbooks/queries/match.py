"""Which runbooks fit: by service and by the labels of an alert."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core.compiled import compiled
from core.labels import Matcher, matches, parse_matchers
from runbooks.models import Runbook
from services.models import Service


def match(service: Service | None, labels: Mapping[str, str], limit: int = 3) -> list[Runbook]:
    """The active runbooks for a service and labels, best first.

    A runbook with matchers needs all of them to hold. One with neither services nor matchers fits nothing
    by itself. Those written for the service come before general ones, then those with more matchers, then
    by title. One query; `step_count` says how many steps each has. Only what a list of them shows is read.
    """
    ranked = []
    for runbook in _candidates(service.pk) if service else _general():
        is_own: bool = runbook.is_own  # type: ignore[attr-defined]
        matchers = matchers_of(runbook)
        if matchers is None or not (matchers or is_own) or not matches(matchers, labels):
            continue
        ranked.append(((not is_own, -len(matchers), runbook.title, runbook.pk), runbook))
    ranked.sort(key=lambda entry: entry[0])
    return [runbook for _, runbook in ranked[:limit]]


def matchers_of(runbook: Runbook) -> tuple[Matcher, ...] | None:
    """The matchers of a runbook; None where what is stored makes no sense, so that it fits nothing."""
    try:
        return parse_matchers(runbook.matchers)
    except ValueError:
        return None


@compiled
def _candidates(service: int) -> QuerySet[Runbook]:
    return _fitting(_links().filter(service=service))


@compiled
def _general() -> QuerySet[Runbook]:
    return _fitting(_links().none())


def _links() -> QuerySet[Any]:
    return Runbook.services.through.objects.filter(runbook_id=OuterRef("pk"))


def _fitting(own: QuerySet[Any]) -> QuerySet[Runbook]:
    """Active ones that belong to what `own` finds, and those that belong to no service."""
    is_own = Exists(own)
    return (
        Runbook.objects.filter(Q(is_own) | ~Exists(_links()), is_active=True)
        .annotate(is_own=is_own, step_count=Count("steps"))
        .only("slug", "title", "matchers")
    )
