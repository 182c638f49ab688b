"""New terms, or an edited calendar, applied to promises that count already: an act of its own, audited, in the background.

Whoever asks says how: from now on, or from the start. The promises are worked by their keys, a batch in a transaction, each
under its incident's lock; those of a busy incident come in the next round of the same batch. A first breach stays a breach.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.audit import record as audit
from core import nudge
from core.errors import IllegalState, Invalid
from core.rowsets import update_rows
from core.types import SYSTEM, Actor
from incidents.choices import ClockState, EntryKind, ReplanHow
from incidents.domain.changing import replan_open
from incidents.domain.locks import lock_free
from incidents.domain.standing import refresh_next_dues
from incidents.domain.timeline import entry_for
from incidents.domain.told import name_of
from incidents.models import Clock, Entry, Incident, Replanning
from services.models import Agreement, AgreementVersion, BusinessCalendar
from services.queries.agreement import in_force, terms_of_version
from services.types import Terms

log = logging.getLogger(__name__)
BATCH: Final = 500
_LIVE: Final = [ClockState.RUNNING, ClockState.PAUSED]
_COLUMNS: Final = {
    "id": "bigint", "severity": "text", "version": "integer", "agreement_name": "text", "target_seconds": "integer",
    "mode": "text", "days": "smallint", "at": "integer", "warn_percent": "smallint", "pausable": "boolean",
    "stops_for": "jsonb", "stops_with": "jsonb", "on_reopen": "text", "on_severity": "text", "hours": "jsonb", "legs": "jsonb",
    "rungs": "jsonb", "rungs_done": "jsonb", "rung_at": "timestamptz", "due_at": "timestamptz", "warn_at": "timestamptz",
    "warned_at": "timestamptz", "next_at": "timestamptz", "state": "text", "paused_at": "timestamptz", "pauses": "jsonb",
    "left_seconds": "integer",
}  # fmt: skip
_INCIDENT: Final = {"id": "bigint", "last_entry": "text", "last_entry_at": "timestamptz"}
# (version, service, severity): the terms of it by kind; one batch looks them up once.
_Known = dict[tuple[int, int, str], dict[str, Terms]]


@transaction.atomic
def ask(
    *,
    actor: Actor,
    now: datetime,
    how: str,
    reason: str,
    agreement: Agreement | None = None,
    calendar: BusinessCalendar | None = None,
) -> Replanning:
    """Ask that what holds now is applied to the promises that count: those of an agreement, or all that a calendar counts.

    Raises Invalid without a reason or a subject, IllegalState while the same is at work.
    """
    if (agreement is None) == (calendar is None):
        raise Invalid("Name an agreement or a calendar.", fields={"agreement": "one of the two"})
    words = " ".join(reason.split())
    if not words or len(words) > 300:
        raise Invalid("Say why, in at most 300 characters.", fields={"reason": "required"})
    if how not in ReplanHow.values:
        raise Invalid("Say how.", fields={"how": f"one of {', '.join(ReplanHow.values)}"})
    made = Replanning(
        agreement=agreement,
        calendar=calendar,
        how=how,
        reason=words,
        asked_at=now,
        asked_by=actor.user,
        next_at=now,
    )
    if Replanning.objects.filter(agreement=agreement, calendar=calendar, next_at__isnull=False).exists():
        raise IllegalState("That is being applied already. Wait until it is done.")
    made.total = _open_ones(made).count()
    made.save()
    subject = agreement or calendar
    audit(
        "promises.apply",
        actor=actor,
        now=now,
        subject_kind="agreement" if agreement else "calendar",
        subject_id=subject.pk if subject else "",
        subject_name=str(subject),
        detail={"how": how, "reason": words, "promises": made.total},
    )
    nudge.nudge("incidents.tasks.clocks")
    return made


def concerned(*, agreement: Agreement | None = None, calendar: BusinessCalendar | None = None) -> int:
    """How many promises count that it would be applied to. One query."""
    return _open_ones(Replanning(agreement=agreement, calendar=calendar)).count()


def _open_ones(job: Replanning) -> QuerySet[Clock]:
    found = Clock.objects.filter(state__in=_LIVE)
    if job.agreement_id is not None:
        return found.filter(agreement=job.agreement_id)
    counted = AgreementVersion.objects.filter(calendar=job.calendar_id)
    return found.filter(agreement__in=counted.values("agreement"))


def tick(now: datetime) -> int:
    """Work one batch of the oldest that is asked for. Returns how many promises were looked at."""
    with transaction.atomic():
        job = (
            Replanning.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(next_at__lte=now)
            .select_related("asked_by")
            .order_by("asked_at", "pk")
            .first()
        )
        if job is None:
            return 0
        rows = list(
            _open_ones(job).filter(pk__gt=job.after).order_by("pk").values_list("pk", "incident_id")[:BATCH]
        )
        if not rows:
            job.finished_at, job.next_at = now, None
            job.done = job.total
            job.save(update_fields=["finished_at", "next_at", "done"])
            return 1
        incidents = {each.pk: each for each in lock_free({incident for _, incident in rows})}
        free = [pk for pk, incident in rows if incident in incidents]
        # a busy incident's promise, and what follows it, waits for the next round
        busy = next(
            (place for place, (_, incident) in enumerate(rows) if incident not in incidents), len(rows)
        )
        if busy == 0 and not free:
            return 0
        upto = rows[busy - 1][0] if busy else rows[0][0] - 1
        moved, skipped = _apply(job, [pk for pk in free if pk <= upto], incidents, now)
        job.after = upto
        job.done, job.moved, job.skipped = (
            min(job.total, job.done + busy),
            job.moved + moved,
            job.skipped + skipped,
        )
        job.save(update_fields=["after", "done", "moved", "skipped"])
        return busy


def _apply(
    job: Replanning, keys: Sequence[int], incidents: dict[int, Incident], now: datetime
) -> tuple[int, int]:
    clocks = list(
        Clock.objects.select_for_update(no_key=True).filter(pk__in=keys, state__in=_LIVE).order_by("pk")
    )
    versions = _versions({clock.agreement_id for clock in clocks if clock.agreement_id}, now)
    known: _Known = {}
    moved, skipped, changed = [], 0, []
    for clock in clocks:
        incident = incidents[clock.incident_id]
        terms = _terms(clock, incident, versions, known, now)
        if terms is None:
            skipped += 1
            continue
        before = clock.due_at
        if replan_open(clock, terms, incident, job.how, now):
            moved.append((clock, before))
        changed.append(clock)
    update_rows(
        "incidents_clock",
        _COLUMNS,
        [{name: getattr(clock, name) for name in _COLUMNS} for clock in changed],
        change=", ".join(f"{name} = given.{name}" for name in _COLUMNS if name != "id"),
        where="t.id = given.id",
    )
    _say(job, moved, incidents, now)
    refresh_next_dues({clock.incident_id for clock, _before in moved})
    return len(moved), skipped


def _versions(agreements: Iterable[int], now: datetime) -> dict[int, AgreementVersion]:
    held = in_force(AgreementVersion.objects.filter(agreement__in=list(agreements)), now)
    rows = held.select_related("agreement", "calendar").prefetch_related(
        "rungs", "calendar__frames", "calendar__exceptions"
    )
    return {version.agreement_id: version for version in rows}


def _terms(
    clock: Clock, incident: Incident, versions: dict[int, AgreementVersion], known: _Known, now: datetime
) -> Terms | None:
    version = versions.get(clock.agreement_id or 0)
    if version is None:
        return None
    key = version.pk, incident.service_id, incident.severity
    if key not in known:
        known[key] = {
            terms.kind: terms for terms in terms_of_version(version, incident.service, incident.severity, now)
        }
    return known[key].get(clock.kind)


def _say(
    job: Replanning, moved: Sequence[tuple[Clock, datetime]], incidents: dict[int, Incident], now: datetime
) -> None:
    """A line on each timeline for what is due at another time now."""
    actor = Actor(kind="person", name=str(job.asked_by), user=job.asked_by) if job.asked_by else SYSTEM
    by_incident: dict[int, list[tuple[Clock, datetime]]] = defaultdict(list)
    for clock, before in moved:
        by_incident[clock.incident_id].append((clock, before))
    lines, said = [], {}
    for key, those in by_incident.items():
        incident = said[key] = incidents[key]
        first = those[0][0]
        names = ", ".join(name_of(clock) for clock, _before in those)
        words = f"{names} counted by {first.agreement_name}, version {first.version}: {job.reason}"
        data: dict[str, Any] = {
            "rung": "applied",
            "version": first.version,
            "clocks": [
                {
                    "clock": clock.pk, "kind": clock.kind, "was": before.isoformat(), "due_at": clock.due_at.isoformat(),
                }
                for clock, before in those
            ],
        }  # fmt: skip
        lines.append(entry_for(incident, EntryKind.CLOCK, words, actor=actor, now=now, data=data))
    Entry.objects.bulk_create(lines)
    update_rows(
        "incidents_incident",
        _INCIDENT,
        [
            {"id": pk, "last_entry": each.last_entry, "last_entry_at": each.last_entry_at}
            for pk, each in sorted(said.items())
        ],
        change="last_entry = given.last_entry, last_entry_at = given.last_entry_at",
        where="t.id = given.id",
    )
