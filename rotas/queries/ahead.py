"""Cover that is thin soon, as the cover engine has found it: nothing is worked out when it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from core.compiled import compiled
from rotas.models import Rota

SOON: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class GapAhead:
    """From `start` to `end` (UTC, half-open, cut at both sides of what was asked for) a rota has too few people, or nobody with
    a skill that it needs."""

    rota: str
    slug: str
    start: datetime
    end: datetime
    wants_skill: bool
    is_now: bool


def gaps_ahead(
    now: datetime, within: timedelta = SOON, *, rotas: Iterable[Rota] | None = None
) -> list[GapAhead]:
    """Where rotas in use have too few people within so long, soonest first. One query, none for `rotas` that were read.

    What is known of is what the cover engine told owners of: as far ahead as each rota warns (`warn_days`).
    """
    if rotas is None:
        rotas = _with_gaps()
    found = []
    for rota in rotas:
        for begins, ends, skill in rota.told_gaps:
            start, end = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
            if end > now and start < now + within:
                cut = max(start, now), min(end, now + within)
                found.append(GapAhead(rota.name, rota.slug, *cut, skill is not None, start <= now))
    return sorted(found, key=lambda gap: (gap.start, gap.rota, gap.end))


@compiled
def _with_gaps() -> QuerySet[Rota]:
    known = Rota.objects.filter(is_active=True).exclude(told_gaps=[])
    return known.order_by().only("name", "slug", "told_gaps")
