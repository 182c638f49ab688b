"""What rotas put into a hand-over: people, and room for what no list says."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rotas.choices import LeaveState, SwapState
from rotas.domain.telling import span
from rotas.domain.words import what_it_does
from rotas.handover_sections import MOST, NOTES, Item, Scope, register
from rotas.models import Leave, Override, Swap


def people(scope: Scope, now: datetime) -> list[Item]:
    """Overrides and open offers of the rota, and leave of who comes on, that touch the coming shift. Three queries."""
    found = [*_overrides(scope), *_swaps(scope, now), *_leave(scope)]
    return found[: MOST + 1]


def _overrides(scope: Scope) -> Iterator[Item]:
    rows = Override.objects.filter(rota=scope.rota, starts_at__lt=scope.until, ends_at__gt=scope.at)
    for row in rows.select_related("user", "replaces").order_by("starts_at", "pk")[: MOST + 1]:
        yield Item(
            source=f"override:{row.pk}",
            title=what_it_does(row),
            url=_rota_url(scope),
            detail=". ".join(filter(None, [span(row.starts_at, row.ends_at, scope.rota.zone), row.reason])),
            next_action=_("Call accordingly"),
            owner_id=row.user_id or _first(scope),
        )


def _swaps(scope: Scope, now: datetime) -> Iterator[Item]:
    touches = Q(starts_at__lt=scope.until, ends_at__gt=scope.at)
    back = Q(back_starts_at__lt=scope.until, back_ends_at__gt=scope.at)
    rows = Swap.objects.filter(touches | back, rota=scope.rota, state=SwapState.OFFERED, expires_at__gt=now)
    for row in rows.select_related("giver", "taker").order_by("starts_at", "pk")[: MOST + 1]:
        taker = row.taker or _("everybody")
        yield Item(
            source=f"swap:{row.pk}",
            title=_("%(giver)s offers a shift to %(taker)s") % {"giver": row.giver, "taker": taker},
            url="/rotas/swaps/",
            detail=". ".join(filter(None, [span(row.starts_at, row.ends_at, scope.rota.zone), row.note])),
            next_action=_("Answer the offer") if row.taker_id else _("See whether somebody takes it"),
            owner_id=row.taker_id or row.giver_id,
            due_at=row.expires_at,
        )


def _leave(scope: Scope) -> Iterator[Item]:
    rows = Leave.objects.filter(
        user__in=[*scope.incoming, *scope.outgoing],
        state__in=[LeaveState.ASKED, LeaveState.APPROVED],
        starts_at__lt=scope.until,
        ends_at__gt=scope.at,
    )
    for row in rows.select_related("user").order_by("starts_at", "pk")[: MOST + 1]:
        comes_on = row.user_id in scope.incoming
        yield Item(
            source=f"leave:{row.pk}",
            title=_("%(who)s is away") % {"who": row.user},
            url="/rotas/leave/",
            # which kind of leave it is, is nobody's business here
            detail=span(row.starts_at, row.ends_at, scope.rota.zone),
            next_action=_("Find somebody who covers") if comes_on else _("Ask somebody else meanwhile"),
            owner_id=scope.rota.owner_id if comes_on else _first(scope),
        )


def _rota_url(scope: Scope) -> str:
    return f"/rotas/{scope.rota.slug}/"


def _first(scope: Scope) -> int | None:
    return scope.incoming[0] if scope.incoming else None


register("people", gettext_lazy("People"), 80, people)
register(NOTES, gettext_lazy("Besides"), 90)
