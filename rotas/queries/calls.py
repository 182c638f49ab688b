"""Who has been called."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from rotas.choices import CallOutcome, RunState
from rotas.models import Call, EscalationRun


def called_people(subject_kind: str, subject_id: int) -> list[User]:
    """Active people whom the latest run of this subject has called, first called first."""
    return called_people_of(subject_kind, [subject_id]).get(subject_id, [])


def called_people_of(subject_kind: str, subject_ids: Collection[int]) -> dict[int, list[User]]:
    """The same for many subjects, by subject; two queries. Those that called nobody are not among them, nor those that called
    only who is in training."""
    runs = dict(
        EscalationRun.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids)
        .order_by("subject_id", "-pk")
        .distinct("subject_id")
        .values_list("pk", "subject_id")
    )
    if not runs:
        return {}
    found: dict[int, dict[int, User]] = {}
    reached = set()
    calls = Call.objects.filter(run_id__in=runs, user__is_active=True).select_related("user__site")
    for call in calls.order_by("at", "pk"):
        if call.user is not None:
            found.setdefault(runs[call.run_id], {}).setdefault(call.user.pk, call.user)
            if call.outcome != CallOutcome.TRAINEE:
                reached.add(runs[call.run_id])
    return {subject: list(people.values()) for subject, people in found.items() if subject in reached}


def is_calling(subject_kind: str, subject_id: int) -> bool:
    """Whether a run for this subject still calls people."""
    return _calling(subject_kind).filter(subject_id=subject_id).exists()


def calls_now(subject_kind: str) -> Exists:
    """The same as a column of a queryset of subjects."""
    return Exists(_calling(subject_kind).filter(subject_id=OuterRef("pk")))


def _calling(subject_kind: str) -> QuerySet[EscalationRun]:
    return EscalationRun.objects.filter(subject_kind=subject_kind, state=RunState.RUNNING)
