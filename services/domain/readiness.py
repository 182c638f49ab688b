"""Looking at all services by all standards, and keeping what was found: how each stands, since when, who mends it."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.domain.audit import record
from accounts.models import User
from accounts.rules import is_support
from core.errors import Invalid
from core.types import Actor
from services import readiness
from services.choices import CheckState, Lifecycle
from services.models import ReadinessChange, ReadinessDay, ReadinessResult, Service
from services.types import Result

log = logging.getLogger(__name__)
DOORBELL = "services.tasks.check_readiness"
# By when what is missed is mended, where nobody says otherwise.
DUE_IN: Final = timedelta(days=14)
FARTHEST: Final = timedelta(days=366)
_NONE = Result("na")


@dataclass(slots=True)
class _Round:
    """What one look leaves to be written."""

    new: list[ReadinessResult] = field(default_factory=list)
    moved: list[ReadinessResult] = field(default_factory=list)
    changes: list[ReadinessChange] = field(default_factory=list)


def check_all(now: datetime, *, services: Iterable[Service] | None = None) -> int:
    """Look at all services that are supported (or those given) by every standard. Returns how many results changed.

    As many queries for many services as for one. What a standard can't say because its check fails stays as it was.
    """
    found = _read(services)
    if not found:
        return 0
    results = {each.name: _asked(each, found, now) for each in readiness.registered()}
    with transaction.atomic():
        # two looks at once: the second waits, and then finds what the first wrote
        locked = Service.objects.select_for_update(no_key=True).filter(pk__in=[each.pk for each in found])
        list(locked.order_by("pk").values_list("pk", flat=True))
        return _keep(found, {name: said for name, said in results.items() if said is not None}, now)


def is_due(now: datetime) -> bool:
    """Whether the last look at some service is an hour old: the doorbell may ring more often. That one service was looked at
    by hand keeps nobody from looking at the others."""
    looks = ReadinessResult.objects.exclude(service__lifecycle=Lifecycle.RETIRED).order_by("checked_at")
    oldest = looks.values_list("checked_at", flat=True).first()
    return oldest is None or oldest <= now - timedelta(minutes=55)


@transaction.atomic
def take_on(
    result: ReadinessResult, *, owner: User | None, due: date | None, actor: Actor, now: datetime
) -> ReadinessResult:
    """Say who mends what is missed, and by when. Raises Invalid for what is not missed, people outside support, far days."""
    found = (
        ReadinessResult.objects.select_for_update(of=("self",)).select_related("service").get(pk=result.pk)
    )
    if found.state != CheckState.FAIL:
        raise Invalid("It is met: there is nothing to mend.", fields={"state": found.state})
    if owner is not None and not (owner.is_active and is_support(owner)):
        raise Invalid(f"{owner} works no services here.", fields={"owner": "not of the support team"})
    today = now.astimezone(UTC).date()
    if due is not None and not today <= due <= today + FARTHEST:
        raise Invalid("Choose a day within a year, from today on.", fields={"due": "out of range"})
    if (found.owner_id, found.due) == (owner.pk if owner else None, due):
        return found
    found.owner, found.due = owner, due
    found.save(update_fields=["owner", "due"])
    record(
        "readiness.take_on",
        actor=actor,
        now=now,
        subject_kind="service",
        subject_id=found.service_id,
        subject_name=found.service.slug,
        detail={"standard": found.standard, "owner": str(owner or ""), "due": str(due or "")},
    )
    return found


def _read(services: Iterable[Service] | None) -> list[Service]:
    wanted = Service.objects.exclude(lifecycle=Lifecycle.RETIRED)
    if services is not None:
        wanted = wanted.filter(pk__in=[service.pk for service in services])
    return list(
        wanted.select_related("owning_team__lead", "client", "agreement", "support_calendar")
        .prefetch_related("parties")
        .order_by("pk")
    )


def _asked(
    each: readiness.Standard, services: Sequence[Service], now: datetime
) -> Mapping[int, Result] | None:
    """What a standard says; None where its check fails, which must not keep the others from their word."""
    try:
        with transaction.atomic():
            return each.check(services, now)
    except Exception:
        log.exception("The check of the standard %s failed; what it said before stands.", each.name)
        return None


def _keep(services: Sequence[Service], results: Mapping[str, Mapping[int, Result]], now: datetime) -> int:
    keys = [service.pk for service in services]
    known = {(row.service_id, row.standard): row for row in ReadinessResult.objects.filter(service__in=keys)}
    round_ = _Round()
    for service in services:
        for name, said in results.items():
            row = known.get((service.pk, name))
            result = said.get(service.pk, _NONE)
            known[service.pk, name] = _one(service, name, row, result, now=now, round_=round_)
    ReadinessResult.objects.bulk_create(round_.new)
    ReadinessResult.objects.bulk_update(
        round_.moved, ["state", "evidence", "url", "since", "checked_at", "owner", "due"], batch_size=500
    )
    ReadinessChange.objects.bulk_create(round_.changes)
    _forget(keys)
    _day(keys, known.values(), now)
    return len(round_.changes)


def _one(
    service: Service,
    name: str,
    row: ReadinessResult | None,
    said: Result,
    *,
    now: datetime,
    round_: _Round,
) -> ReadinessResult:
    before = row.state if row is not None else ""
    if row is None:
        row = ReadinessResult(service=service, standard=name, state=said.state, since=now)
        round_.new.append(row)
    else:
        round_.moved.append(row)
    row.evidence, row.url, row.checked_at = said.evidence[:300], said.url[:300], now
    if said.state == before:
        return row
    row.state, row.since = said.state, now
    fails = said.state == CheckState.FAIL.value
    lead = service.owning_team.lead
    row.owner = lead if fails and lead is not None and lead.is_active else None
    row.due = (now + DUE_IN).astimezone(UTC).date() if fails else None
    if before or fails:  # what was met from the beginning is no news
        round_.changes.append(
            ReadinessChange(
                service=service,
                standard=name,
                before=before,
                after=said.state,
                evidence=row.evidence,
                at=now,
            )
        )
    return row


def _forget(keys: Sequence[int]) -> None:
    """Results of standards that nobody registers any more."""
    names = [each.name for each in readiness.registered()]
    ReadinessResult.objects.filter(service__in=keys).exclude(standard__in=names).delete()


def _day(keys: Sequence[int], rows: Iterable[ReadinessResult], now: datetime) -> None:
    names = {each.name for each in readiness.registered()}
    met: dict[int, int] = defaultdict(int)
    applied: dict[int, int] = defaultdict(int)
    for row in rows:
        if row.standard in names and row.state != CheckState.NA:
            applied[row.service_id] += 1
            met[row.service_id] += row.state == CheckState.PASS
    day = now.astimezone(UTC).date()
    ReadinessDay.objects.bulk_create(
        [ReadinessDay(service_id=key, day=day, met=met[key], applied=applied[key]) for key in keys],
        update_conflicts=True,
        unique_fields=["service", "day"],
        update_fields=["met", "applied"],
    )
