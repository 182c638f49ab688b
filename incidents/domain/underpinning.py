"""What parties promised us for the work they are given: their clocks begin as they get it and end as it comes back."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Team
from incidents.choices import ClockState
from incidents.domain.counting import meet_all, settle
from incidents.domain.stamping import begin, close, stamp
from incidents.domain.standing import live
from incidents.models import Clock, Incident
from services.choices import AgreementKind, PromiseKind
from services.queries.agreement import underpinning_terms


def handed_on(
    incident: Incident, *, before: str, team: Team | None, now: datetime, bounced: bool = False
) -> None:
    """The work went from `before` to `incident.party`: what that one promised begins, what the other promised is kept.

    Sent back as not theirs (`bounced`), they answered, and the rest of what they promised doesn't count.
    """
    if before:
        _end(incident, before, now=now, bounced=bounced)
    if incident.is_open:
        made = []
        for terms in underpinning_terms(
            incident.service, incident.severity, incident.party, team.pk if team else None, now
        ):
            if terms.kind in {PromiseKind.RCA, PromiseKind.ACTION, PromiseKind.NEXT_UPDATE}:
                continue
            cycle = (
                1
                + incident.clocks.filter(kind=terms.kind, basis=terms.basis, provider=terms.provider).count()
            )
            clock = stamp(incident, terms, since=now, cycle=cycle, is_new=True)
            begin(clock, incident, now)
            made.append(clock)
        Clock.objects.bulk_create(made)
    if before:
        settle(incident, now=now)


def accepted(incident: Incident, *, now: datetime) -> None:
    """Whoever has the work said so: they acknowledged, by what they promised."""
    meet_all(
        incident,
        [clock for clock in _of(incident, incident.party) if clock.kind == PromiseKind.ACKNOWLEDGE],
        now=now,
    )


def ended(incident: Incident, *, now: datetime) -> None:
    """The incident is over: whatever a party still promised came back with it."""
    meet_all(incident, [clock for clock in live(incident) if clock.basis != AgreementKind.SLA], now=now)


def _end(incident: Incident, party: str, *, now: datetime, bounced: bool) -> None:
    theirs = _of(incident, party)
    if not bounced:
        meet_all(incident, theirs, now=now)
        return
    meet_all(incident, [each for each in theirs if each.kind == PromiseKind.ACKNOWLEDGE], now=now)
    for clock in theirs:
        if clock.kind != PromiseKind.ACKNOWLEDGE:
            close(clock, ClockState.CANCELLED, now)
            clock.save()


def _of(incident: Incident, party: str) -> list[Clock]:
    return [clock for clock in _outside(live(incident)) if clock.provider == party]


def _outside(clocks: Iterable[Clock]) -> list[Clock]:
    return [clock for clock in clocks if clock.basis != AgreementKind.SLA]
