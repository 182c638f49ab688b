"""Objectives out of OpenSLO documents: what would be made and changed, and then doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from core.errors import IllegalState, Invalid
from core.types import Actor
from services.domain import objectives, openslo
from services.models import Objective, Service

_FIXED = ("indicator",)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs: how it is, and how the document says it."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one document does: `make`, `change` or nothing (`same`)."""

    what: str
    slug: str
    service: str
    name: str
    target: str
    changes: tuple[Change, ...] = ()


def preview(text: str, services: QuerySet[Service]) -> list[Step]:
    """What taking these documents over would do; stores nothing.

    `services` are those that they may name. Raises Invalid, naming the place in the documents, for what can't be read, for
    services that we don't know, and for what would not fit; also where an objective would change what it counts or whose.
    """
    return [step for step, _objective, _changes in _planned(text, services)]


@transaction.atomic
def take_over(text: str, services: QuerySet[Service], *, actor: Actor, now: datetime) -> list[Step]:
    """Do it: all of it, or nothing. A second time changes nothing. Raises as `preview` does."""
    planned = _planned(text, services)
    for step, objective, changes in planned:
        if step.what == "make":
            objectives.create(objective, actor=actor, now=now)
        elif step.what == "change":
            objectives.edit(objective, changes, actor=actor, now=now)
    return [step for step, _objective, _changes in planned]


def _planned(text: str, services: QuerySet[Service]) -> list[tuple[Step, Objective, dict[str, Any]]]:
    found = openslo.read(text)
    known = {service.slug: service for service in services.filter(slug__in={each.service for each in found})}
    strange = [each for each in found if each.service not in known]
    if strange:
        names = ", ".join(sorted({each.service for each in strange})[:10])
        raise Invalid(
            f"{strange[0].path}.spec.service: There is no service called {names} here. Make it first, or mend its name.",
            fields={
                f"{each.path}.spec.service": f"no service called {each.service[:80]}" for each in strange
            },
        )
    standing = {
        each.slug: each
        for each in Objective.objects.filter(slug__in=[each.slug for each in found]).select_related(
            "service", "model"
        )
    }
    return [_step(each, known[each.service], standing.get(each.slug)) for each in found]


def _step(
    each: openslo.Read, service: Service, old: Objective | None
) -> tuple[Step, Objective, dict[str, Any]]:
    if old is None:
        made = Objective(slug=each.slug, service=service, **each.fields)
        _checked(each, made)
        return _said("make", made), made, {}
    try:
        objectives.refuse_other_service(old, service.pk)
    except IllegalState as refusal:
        place = f"{each.path}.spec.service"
        raise Invalid(f"{place}: {refusal.message}", fields={place: refusal.message}) from refusal
    for name in _FIXED:
        if getattr(old, name) != each.fields[name]:
            place = f"{each.path}.spec.indicator"
            words = f"{old.slug} counts {old.get_indicator_display().lower()}. Give the new one another name."
            raise Invalid(f"{place}: {words}", fields={place: words})
    changes = {
        name: value
        for name, value in each.fields.items()
        if name not in _FIXED and getattr(old, name) != value
    }
    told = _changes(old, changes)
    for name, value in changes.items():
        setattr(old, name, value)
    _checked(each, old)
    return _said("change" if changes else "same", old, told), old, changes


def _checked(each: openslo.Read, objective: Objective) -> None:
    try:
        objectives.check(objective)
    except Invalid as refusal:
        fields = {f"{each.path} ({name})": words for name, words in refusal.fields.items()}
        raise Invalid(f"{each.path}: {refusal.message}", fields=fields) from refusal


def _changes(old: Objective, changes: dict[str, Any]) -> tuple[Change, ...]:
    return tuple(Change(name, _shown(getattr(old, name)), _shown(value)) for name, value in changes.items())


def _shown(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)[:120]


def _said(what: str, objective: Objective, changes: Sequence[Change] = ()) -> Step:
    return Step(
        what,
        objective.slug,
        objective.service.slug,
        objective.name,
        f"{objective.target_words} %",
        tuple(changes),
    )
