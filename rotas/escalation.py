"""Fire drills as a subject of escalation runs."""

from collections.abc import Collection, Sequence
from datetime import datetime

from rotas.choices import CallOutcome, DrillState
from rotas.domain.drills import ACKNOWLEDGE_BY_LINK, KIND, unanswered
from rotas.models import DrillLine, FireDrill
from rotas.queries.support import support_of
from rotas.subjects import Brief, CallNote, Subject, SupportHours, register


class DrillSubject(Subject):
    """See rotas.subjects.Subject."""

    def lock(self, subject_id: int) -> bool:
        rows = FireDrill.objects.select_for_update(no_key=True, skip_locked=True)
        return rows.filter(pk=subject_id).first() is not None

    def exists(self, subject_id: int) -> bool:
        return FireDrill.objects.filter(pk=subject_id).exists()

    def brief(self, subject_id: int) -> Brief:
        drill = FireDrill.objects.select_related("service__owning_team", "service__client").get(pk=subject_id)
        service = drill.service
        return Brief(
            ref=drill.ref,
            title=f"FIRE DRILL, nothing is broken: {service.name}",
            url=f"/rotas/drills/{drill.pk}/",
            severity=drill.severity,
            still_open=drill.state == DrillState.RUNNING,
            body=f"This is a drill: nothing is broken. Answer as you would at night.\nService: {service.name} ({service.slug})",
            opened_at=drill.started_at,
            team_lead_id=service.owning_team.lead_id,
            action=ACKNOWLEDGE_BY_LINK,
        )

    def called(self, subject_id: int, notes: Sequence[CallNote], now: datetime) -> None:
        DrillLine.objects.bulk_create(
            DrillLine(drill_id=subject_id, at=now, text=note.text[:500], user_id=note.user_id)
            for note in notes
        )
        if any(note.outcome == CallOutcome.EXHAUSTED for note in notes):
            unanswered(FireDrill.objects.get(pk=subject_id), now=now)

    def hours(self, subject_ids: Collection[int], now: datetime) -> dict[int, SupportHours]:
        drills = FireDrill.objects.filter(pk__in=subject_ids).select_related(
            "service__client", "service__support_calendar"
        )
        found = {drill.pk: support_of(drill.service, now) for drill in drills}
        return {key: hours for key, hours in found.items() if hours is not None}


register(KIND, DrillSubject())
