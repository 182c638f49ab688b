"""What the escalation engine has waiting."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.waiting import Part, StuckRow, Waiting, count_of, due_of
from rotas import subjects
from rotas.choices import RunState
from rotas.models import EscalationRun

# A run that fails stands back for less than this, so that only so much of the index is looked at.
SOON = timedelta(minutes=2)


def waiting(now: datetime) -> Waiting:
    """Runs whose next step is due, and those that stand back after a failure; acknowledged ones that are watched are a part."""
    running = EscalationRun.objects.filter(state=RunState.RUNNING)
    due, oldest = due_of(running.filter(next_at__lte=now), "next_at")
    coming = running.filter(next_at__gt=now).order_by("next_at").values_list("next_at", flat=True)
    return Waiting(
        due=due,
        oldest=oldest,
        stuck=count_of(_failing(now)),
        next_due=coming.first(),
        parts=(_watched(now),),
    )


def stuck_rows(now: datetime, limit: int) -> list[StuckRow]:
    """Runs whose step fails. On the page of their subject the next step can be called at once."""
    return [_row(run) for run in _failing(now).order_by("next_at", "pk")[:limit]]


def _watched(now: datetime) -> Part:
    """What was acknowledged, and calls again when nobody writes anything."""
    watching = EscalationRun.objects.filter(state=RunState.WATCHING)
    due, oldest = due_of(watching.filter(next_at__lte=now), "next_at")
    coming = watching.filter(next_at__gt=now).order_by("next_at").values_list("next_at", flat=True)
    label = _("Acknowledged, watched for silence")
    return Part("watching", label, count_of(watching), due, oldest, coming.first())


def _failing(now: datetime) -> QuerySet[EscalationRun]:
    return EscalationRun.objects.filter(state=RunState.RUNNING, next_at__lte=now + SOON, failures__gt=0)


def _row(run: EscalationRun) -> StuckRow:
    words = ngettext(
        "Its step failed %(n)d time and is tried again; “Call somebody now” on its page does so at once.",
        "Its step failed %(n)d times and is tried again; “Call somebody now” on its page does so at once.",
        run.failures,
    )
    why = words % {"n": run.failures}
    try:
        brief = subjects.subject_of(run.subject_kind).brief(run.subject_id)
    except Exception:  # the very thing that makes it fail, perhaps
        return StuckRow(f"{run.policy_name}: {run.subject_kind} {run.subject_id}", why, run.started_at)
    return StuckRow(f"{brief.ref} {brief.title}", why, run.started_at, brief.url)
