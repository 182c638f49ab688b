"""Promises that have been decided, one of a kind for each incident: for numbers and for the lists behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core.types import Words
from incidents.choices import ClockState, State, Verdict
from incidents.models import Clock
from services.choices import AgreementKind, PromiseKind
from services.models import Agreement, AgreementTarget
from services.queries.agreement import in_force

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


@dataclass(frozen=True, slots=True)
class Reached:
    """One target in a month: how many of its promises were decided and kept, beside the goal in percent (None: none agreed)."""

    severity: str
    kind: str
    decided: int
    kept: int
    goal: Decimal | None

    @property
    def percent(self) -> float:
        """The share that was kept."""
        return 100 * self.kept / self.decided

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None without one. In whole promises: no rounding saves a month."""
        return None if self.goal is None else Decimal(self.kept) * 100 >= self.goal * self.decided

    @property
    def label(self) -> Words:
        """What is promised."""
        return PromiseKind(self.kind).label


def reached(agreement: Agreement, start: datetime, end: datetime) -> list[Reached]:
    """How an agreement was kept for incidents opened in `[start, end)` (UTC), by severity and kind, with the goals of the
    version in force at the end. Two queries."""
    rows = (
        (decided_of(agreement) if agreement.kind != AgreementKind.SLA else decided())
        .filter(agreement=agreement, incident__opened_at__gte=start, incident__opened_at__lt=end)
        .values("severity", "kind")
        .annotate(decided=Count("pk"), kept=Count("pk", filter=IN_TIME))
    )
    held = in_force(agreement.versions.all(), end - timedelta(seconds=1)).values("pk")
    targets = AgreementTarget.objects.filter(version__in=held)
    goals = {(each.severity, each.kind): each.goal_percent for each in targets}
    found = [
        Reached(
            row["severity"],
            row["kind"],
            row["decided"],
            row["kept"],
            goals.get((row["severity"], row["kind"])),
        )
        for row in rows
    ]
    kinds = list(PromiseKind.values)
    return sorted(found, key=lambda each: (each.severity, kinds.index(each.kind)))


def decided_of(agreement: Agreement) -> QuerySet[Clock]:
    """What a party promised by an OLA or a contract and has kept or broken: each time that it had the work counts."""
    return (
        Clock.objects.filter(Q(state=ClockState.MET) | Q(breached_at__isnull=False), agreement=agreement)
        .exclude(verdict=Verdict.EXCLUDED)
        .order_by()
    )
