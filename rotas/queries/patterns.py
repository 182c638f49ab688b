"""The dated patterns of a rota, as its page shows them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from core.zones import to_local
from rotas.models import Rota, RotaVersion


@dataclass(frozen=True, slots=True)
class ShownPattern:
    """One pattern: since when in the rota's zone, whether it holds now, is still to come, and can be taken back."""

    row: RotaVersion
    day: str
    layers: int
    holds: bool
    is_to_come: bool
    may_undo: bool


def patterns_of(rota: Rota, now: datetime) -> list[ShownPattern]:
    """The living patterns of a rota, the latest first. One query."""
    rows = rota.versions.filter(undone_at__isnull=True).select_related("created_by", "rota")
    found = list(rows.annotate(layers_count=Count("layers")).order_by("-starts_at"))
    begun = [row for row in found if row.starts_at <= now]
    shown = []
    for row in found:
        holds, coming = bool(begun) and row == begun[0], row.starts_at > now
        local = to_local(row.starts_at, rota.zone)
        day = f"{local:%a} {local.day} {local:%b %Y %H:%M}"
        shown.append(ShownPattern(row, day, row.layers_count, holds, coming, holds or coming))
    return shown
