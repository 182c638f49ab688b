"""Who has been called."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from rotas.choices import RunState
from rotas.models import Call, EscalationRun


def called_people(subject_kind: str, subject_id: int) -> list[User]:
    """Active people whom the latest run of this subject has called, first called first."""
    run = (
        EscalationRun.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    if run is None:
        return []
    calls = (
        Call.objects.filter(run_id=run, user__is_active=True)
        .select_related("user__site")
        .order_by("at", "pk")
    )
    return list({call.user_id: call.user for call in calls if call.user is not None}.values())


def is_calling(subject_kind: str, subject_id: int) -> bool:
    """Whether a run for this subject still calls people."""
    return _calling(subject_kind).filter(subject_id=subject_id).exists()


def calls_now(subject_kind: str) -> Exists:
    """The same as a column of a queryset of subjects."""
    return Exists(_calling(subject_kind).filter(subject_id=OuterRef("pk")))


def _calling(subject_kind: str) -> QuerySet[EscalationRun]:
    return EscalationRun.objects.filter(subject_kind=subject_kind, state=RunState.RUNNING)
