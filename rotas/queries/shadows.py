"""Who is in training beside whoever is on call."""

from datetime import datetime

from django.db.models import Q

from accounts.models import User
from rotas.models import Rota, Shadow


def shadows_around(
    rota: Rota, start: datetime, end: datetime, now: datetime, limit: int = 200
) -> list[Shadow]:
    """Those of a rota that meet `[start, end)` (UTC), and those that are not over at `now`; soonest first. One query."""
    rows = Shadow.objects.filter(
        Q(starts_at__lt=end, ends_at__gt=start) | Q(ends_at__gt=now), rota=rota
    ).select_related("user__site", "created_by")
    return list(rows.order_by("starts_at", "pk")[:limit])


def shadows_of(user: User, start: datetime, end: datetime) -> list[Shadow]:
    """A person's own within `[start, end)` (UTC), uncut, of rotas in use; soonest first. One query."""
    rows = Shadow.objects.filter(user=user, rota__is_active=True, starts_at__lt=end, ends_at__gt=start)
    return list(rows.select_related("rota", "user__site").order_by("starts_at", "pk"))
