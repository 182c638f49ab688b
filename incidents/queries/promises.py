"""Promises that have been decided, one of a kind for each incident: for numbers and for the lists behind them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.choices import ClockState, State
from incidents.models import Clock

IN_TIME = Q(breached_at__isnull=True)


def decided() -> QuerySet[Clock]:
    """Clocks that were met or are broken already; of an incident that was reopened, the last count decides.

    A breach is handed on from count to count, so a promise once broken stays so; also where a lower severity makes no
    such promise any more. Only an incident that was cancelled takes it back.
    """
    later = Clock.objects.filter(
        incident=OuterRef("incident"), kind=OuterRef("kind"), cycle__gt=OuterRef("cycle")
    )
    return (
        Clock.objects.filter(Q(state=ClockState.MET) | ~IN_TIME, ~Exists(later))
        .exclude(state=ClockState.CANCELLED, incident__state=State.CANCELLED)
        .order_by()
    )


def having(promise: str) -> Exists:
    """Whether the incident of the outer row has a promise of that kind decided: "resolve", or only those kept
    ("resolve-kept") or broken ("resolve-broken")."""
    kind, _, how = promise.partition("-")
    clocks = decided().filter(incident=OuterRef("pk"), kind=kind)
    if how:
        clocks = clocks.filter(IN_TIME if how == "kept" else ~IN_TIME)
    return Exists(clocks)
