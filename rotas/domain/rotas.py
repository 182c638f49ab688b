"""A rota itself: begun here, shaped by patterns and overrides."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from accounts.domain.audit import record
from core.types import Actor
from rotas.domain.covering import touch
from rotas.models import Rota

# Words that are pages beside those of rotas.
RESERVED = {
    "calendar", "coverage", "drills", "fairness", "feeds", "for", "handovers", "leave", "mine", "new", "now", "policies",
    "simulator", "swaps",
}  # fmt: skip


@transaction.atomic
def begin_rota(rota: Rota, *, actor: Actor, now: datetime) -> Rota:
    """Store a new rota under an address that no other has. It calls nobody before it has a pattern."""
    rota.slug = rota.slug or _free_slug(rota.name)
    rota.save(force_insert=True)
    record(
        "rota.begun",
        actor=actor,
        now=now,
        subject_kind="rota",
        subject_id=rota.pk,
        subject_name=rota.name,
        detail={"team": rota.team.slug, "level": rota.level, "zone": rota.zone},
    )
    touch([rota.pk], now, now)
    return rota


def _free_slug(name: str) -> str:
    base = slugify(name)[:40] or "rota"
    taken = set(Rota.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    # addresses of pages
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken | RESERVED)
