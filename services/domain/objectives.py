"""Objectives: made, edited, switched off. What they measured stays."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.audit import record
from core.errors import IllegalState, Invalid
from core.nudge import nudge
from core.rowsets import update_rows
from core.types import Actor
from core.zones import UnknownZone, table
from services.choices import BudgetState, BudgetWindow, Direction, Indicator
from services.domain.budget import Standing
from services.domain.burn import RUNGS
from services.models import Objective, ObjectiveBurn
from services.models.objective import LEAST_TARGET, MOST_TARGET

EDITABLE = (
    "name", "description", "model", "unit", "direction", "threshold", "target", "window", "zone", "at_risk_percent", "policy",
    "owner", "excludes_maintenance", "burn_alerts", "is_active",
)  # fmt: skip
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_TAKEN = {"openslo"}
_MOST_SPENT = 10**12
_LONGEST = {"name": 120, "description": 1000, "unit": 20, "policy": 4000}


@transaction.atomic
def create(objective: Objective, *, actor: Actor, now: datetime) -> Objective:
    """Store a new objective. Raises Invalid, with the fields at fault."""
    check(objective)
    objective.created_at = now
    try:
        with transaction.atomic():
            objective.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(
            f"There is an objective called {objective.slug} already.", fields={"slug": "taken"}
        ) from error
    enlist(objective, now=now)
    _record("objective.create", objective, actor, now, {"target": str(objective.target)})
    return objective


@transaction.atomic
def edit(objective: Objective, changes: Mapping[str, Any], *, actor: Actor, now: datetime) -> Objective:
    """Change fields named in EDITABLE; what changes nothing is not recorded.

    Buckets keep what was counted by the former threshold. Raises Invalid, with the fields at fault.
    """
    unknown = sorted(set(changes) - set(EDITABLE))
    if unknown:
        raise Invalid(
            f"{', '.join(unknown)} of an objective can't be changed; make another objective.",
            fields=dict.fromkeys(unknown, "can't be changed"),
        )
    objective = (
        Objective.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .get(pk=objective.pk)
    )
    differing = {name: value for name, value in changes.items() if getattr(objective, name) != value}
    if not differing:
        return objective
    said = {name: [str(getattr(objective, name)), str(value)] for name, value in differing.items()}
    for name, value in differing.items():
        setattr(objective, name, value)
    check(objective)
    objective.save(update_fields=list(differing))
    enlist(objective, now=now)
    _record("objective.edit", objective, actor, now, said)
    return objective


def enlist(objective: Objective, *, now: datetime) -> None:
    """Have it looked at from `now` on: its rungs are rows with a due time. Called whenever it was saved."""
    ObjectiveBurn.objects.bulk_create(
        [ObjectiveBurn(objective=objective, rung=rung.name) for rung in RUNGS], ignore_conflicts=True
    )
    ObjectiveBurn.objects.filter(objective=objective).update(next_at=now)
    nudge("monitoring.tasks.burn")


def remember(standings: Mapping[int, Standing], *, now: datetime) -> None:
    """Write down how objectives stand, for lists, by which they are ordered and filtered."""
    rows = [
        {
            "id": key,
            "state": str(found.state),
            "spent": -1 if found.state == BudgetState.NO_DATA else min(int(found.spent * 1000), _MOST_SPENT),
        }
        for key, found in sorted(standings.items())
    ]
    update_rows(
        "services_objective",
        {"id": "bigint", "state": "text", "spent": "bigint"},
        rows,
        change="state = given.state, spent_permille = given.spent, stood_at = %s",
        where="t.id = given.id",
        values=[now],
    )


def check(objective: Objective) -> None:
    """Whether its fields fit together. Raises Invalid, with a sentence for each field at fault."""
    faults = {**_text_faults(objective), **_target_faults(objective), **_indicator_faults(objective)}
    if objective.model is not None and objective.model.service_id != objective.service_id:
        faults["model"] = f"This model is not one of {objective.service.slug}."
    if faults:
        raise Invalid(" ".join(faults.values()), fields=faults)


def refuse_other_service(objective: Objective, service_id: int) -> None:
    """Raises IllegalState where an objective would move to another service: its numbers are the former's."""
    if objective.service_id != service_id:
        raise IllegalState(
            f"The objective {objective.slug} belongs to {objective.service.slug}. Give the new one another name.",
            code="objective_of_another_service",
        )


def _text_faults(objective: Objective) -> dict[str, str]:
    faults = {
        name: f"The {name} has at most {most} characters."
        for name, most in _LONGEST.items()
        if len(getattr(objective, name)) > most
    }
    if objective.slug in _TAKEN:
        faults["slug"] = f"“{objective.slug}” is an address already; choose another name."
    if not _SLUG.fullmatch(objective.slug):
        faults["slug"] = "A name for machines: 1 to 63 of a-z, 0-9 and -, not beginning or ending with -."
    if not objective.name.strip():
        faults["name"] = "Say in a few words what is promised."
    try:
        table(objective.zone)
    except UnknownZone:
        faults["zone"] = "An IANA time zone, such as Africa/Nairobi."
    return faults


def _target_faults(objective: Objective) -> dict[str, str]:
    faults = {}
    target = objective.target
    if not (isinstance(target, Decimal) and target.is_finite() and LEAST_TARGET <= target <= MOST_TARGET):
        faults["target"] = f"The target lies between {LEAST_TARGET} and {MOST_TARGET} percent."
    elif target != round(target, 3):
        faults["target"] = "The target has at most three digits behind the point."
    if not 1 <= objective.at_risk_percent <= 99:
        faults["at_risk_percent"] = "At risk is said from 1 to 99 percent of the budget."
    if objective.window not in BudgetWindow.values:
        faults["window"] = f"One of {', '.join(BudgetWindow.values)}."
    return faults


def _indicator_faults(objective: Objective) -> dict[str, str]:
    if objective.indicator not in Indicator.values:
        return {"indicator": f"One of {', '.join(Indicator.values)}."}
    faults = {}
    if objective.indicator == Indicator.SAMPLES:
        if objective.threshold is None or not isfinite(objective.threshold):
            faults["threshold"] = "Measured values need a threshold: a number."
        if objective.direction not in Direction.values:
            faults["direction"] = f"Say which side is good: one of {', '.join(Direction.values)}."
    elif objective.threshold is not None or objective.direction:
        faults["threshold"] = "Only measured values have a threshold and a direction."
    return faults


def _record(action: str, objective: Objective, actor: Actor, now: datetime, detail: dict[str, Any]) -> None:
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="objective",
        subject_id=objective.pk,
        subject_name=objective.slug,
        detail=detail,
    )
