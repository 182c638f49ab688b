"""Promises that have been decided, one of a kind for each incident: for numbers and for the lists behind them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.choices import ClockState, State, Verdict
from incidents.models import Clock
from services.choices import AgreementKind

IN_TIME = Q(breached_at__isnull=True) | Q(verdict=Verdict.KEPT)


def decided() -> QuerySet[Clock]:
    """Promises to the client that were met or are broken already; of one that counted on after a reopening, the last count decides.

    A breach is handed on from count to count, so a promise once broken stays so; also where a lower severity makes no
    such promise any more. A count of its own (each next update; a new cycle) is decided by itself. Only an incident that was
    cancelled takes a breach back, and a correction that two agreed to: it counts as kept, or is left out.
    """
    later = Clock.objects.filter(
        incident=OuterRef("incident"),
        basis=OuterRef("basis"),
        kind=OuterRef("kind"),
        cycle=OuterRef("cycle") + 1,
        is_new_cycle=False,
    )
    return (
        Clock.objects.filter(
            Q(state=ClockState.MET) | Q(breached_at__isnull=False),
            ~Exists(later),
            basis=AgreementKind.SLA,
        )
        .exclude(verdict=Verdict.EXCLUDED)
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
