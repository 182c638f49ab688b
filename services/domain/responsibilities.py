"""Writing the matrix: what each party is to each activity, for all services or for one."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record
from core.errors import Invalid
from core.types import Actor
from services.choices import Letter, Party
from services.models import Activity, Responsibility, Service

# activity → party → letter; None gives the activity back to the template
Wanted = Mapping[str, Mapping[str, str] | None]


@transaction.atomic
def set_letters(service: Service | None, wanted: Wanted, *, actor: Actor, now: datetime) -> list[str]:
    """Make the letters of these activities what is wanted; without a service, those of the template.

    A service's row that says what the template says is no row of its own, so that it follows the template. Returns the
    activities that changed, by slug. Raises Invalid for activities, parties and letters that are none.
    """
    _check(wanted)
    activities = {
        row.slug: row for row in Activity.objects.select_for_update().filter(slug__in=wanted).order_by("pk")
    }
    unknown = sorted(set(wanted) - set(activities))
    if unknown:
        raise Invalid(
            f"There is no activity {', '.join(unknown)[:200]}.", fields=dict.fromkeys(unknown[:20], "unknown")
        )
    common, own = _letters(activities, None), _letters(activities, service)
    changed = {}
    for slug, letters in wanted.items():
        target = dict(letters or {})
        if service is not None and target == common[slug]:
            target = {}
        if target == own[slug]:
            continue
        Responsibility.objects.filter(activity=activities[slug], service=service).delete()
        Responsibility.objects.bulk_create(
            Responsibility(activity=activities[slug], party=party, letter=letter, service=service)
            for party, letter in target.items()
        )
        changed[slug] = [_said(own[slug]), _said(target)]
    if changed:
        record(
            "boundaries.edit",
            actor=actor,
            now=now,
            subject_kind="service" if service else "operating_model",
            subject_id=service.pk if service else "",
            subject_name=service.slug if service else "template",
            detail=changed,
        )
    return sorted(changed)


def _check(wanted: Wanted) -> None:
    for slug, letters in wanted.items():
        for party, letter in (letters or {}).items():
            if party not in Party.values:
                raise Invalid(
                    f"{party[:40]} is no party. Known: {', '.join(Party.values)}.", fields={slug: "party"}
                )
            if letter not in Letter.values:
                raise Invalid(
                    f"“{letter[:10]}” is no letter. Known: {', '.join(Letter.values)}.",
                    fields={slug: "letter"},
                )


def _letters(activities: Mapping[str, Activity], service: Service | None) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {slug: {} for slug in activities}
    rows = Responsibility.objects.filter(activity__in=activities.values(), service=service).order_by()
    for slug, party, letter in rows.values_list("activity__slug", "party", "letter"):
        found[slug][party] = letter
    return found


def _said(letters: Mapping[str, str]) -> str:
    return ", ".join(f"{party} {letters[party]}" for party in Party.values if party in letters) or "–"
