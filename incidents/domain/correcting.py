"""A breach judged again. One asks, with a reason; another lead decides. What was counted stays written beside it."""

from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record as audit
from accounts.models import User
from accounts.queries.people import leads
from core.errors import IllegalState, Invalid, NotAllowed
from core.types import Actor
from incidents.choices import CorrectionState, EntryKind, Verdict
from incidents.domain.locks import lock
from incidents.domain.timeline import record
from incidents.domain.told import name_of
from incidents.domain.writing import save, tell
from incidents.models import Clock, ClockCorrection, Incident

MAX_WORDS = 500


@transaction.atomic
def ask(
    incident: Incident, clock_id: int, *, actor: Actor, now: datetime, verdict: str, reason: str
) -> ClockCorrection:
    """Ask that a broken promise counts as kept, or is left out. Raises Invalid without a reason or for a promise that isn't
    this incident's, IllegalState where it isn't broken or one waits or counts already."""
    incident = lock(incident.pk)
    clock = incident.clocks.filter(pk=clock_id).first()
    if clock is None:
        raise Invalid("That promise belongs to another incident.", fields={"clock": "another incident's"})
    words = " ".join(reason.split())
    if not words or len(words) > MAX_WORDS:
        raise Invalid(
            "Say why it should count otherwise, in at most 500 characters.", fields={"reason": "required"}
        )
    if verdict not in Verdict.values:
        raise Invalid(
            "Say what it should count as.", fields={"verdict": f"one of {', '.join(Verdict.values)}"}
        )
    if clock.breached_at is None:
        raise IllegalState("This promise is not broken, so there is nothing to correct.")
    if not isinstance(actor.user, User):
        raise NotAllowed("A person asks for a correction.")
    known = clock.corrections.exclude(state=CorrectionState.REFUSED).first()
    if known is not None:
        raise IllegalState(
            f"A correction of it {'waits' if known.state == CorrectionState.ASKED else 'counts'} already."
        )
    made = ClockCorrection.objects.create(
        clock=clock,
        verdict=verdict,
        reason=words,
        breached_at=clock.breached_at,
        asked_at=now,
        asked_by=actor.user,
    )
    what = f"{actor.name} asks to judge “{name_of(clock)}” again: {words}"
    _say(incident, made, what, actor=actor, now=now)
    tell(
        incident,
        [person for person in leads() if person.pk != actor.user_id],
        f"correction of “{name_of(clock)}” asked for",
        kind="clock.correction",
        key=f"correction:{made.pk}",
        actor=actor,
        now=now,
    )
    return made


@transaction.atomic
def decide(
    correction: ClockCorrection, *, actor: Actor, now: datetime, agree: bool, words: str = ""
) -> ClockCorrection:
    """Agree to it or refuse it. Raises IllegalState where it is decided, NotAllowed for whoever asked and for who is no lead,
    Invalid for a refusal without a word."""
    incident = lock(correction.clock.incident_id)
    correction = ClockCorrection.objects.select_for_update().select_related("clock").get(pk=correction.pk)
    if correction.state != CorrectionState.ASKED:
        raise IllegalState("It has been decided already.")
    if (
        not isinstance(actor.user, User)
        or not actor.user.is_active
        or not leads().filter(pk=actor.user.pk).exists()
    ):
        raise NotAllowed("A lead decides on corrections.")
    if actor.user.pk == correction.asked_by_id:
        raise NotAllowed("Whoever asked for a correction can't agree to it: another lead decides.")
    said = " ".join(words.split())[:MAX_WORDS]
    if not agree and not said:
        raise Invalid("Say why not.", fields={"words": "required"})
    clock = correction.clock
    correction.state = CorrectionState.AGREED if agree else CorrectionState.REFUSED
    correction.decided_at, correction.decided_by, correction.decision = now, actor.user, said
    correction.save(update_fields=["state", "decided_at", "decided_by", "decision"])
    if agree:
        clock.verdict = correction.verdict
        clock.save(update_fields=["verdict"])
    outcome = (
        f"agreed: it counts as {str(Verdict(correction.verdict).label).lower()}"
        if agree
        else f"refused: {said}"
    )
    _say(incident, correction, f"{actor.name} {outcome} (“{name_of(clock)}”)", actor=actor, now=now)
    audit(
        "clock.correct",
        actor=actor,
        now=now,
        subject_kind="incident",
        subject_id=incident.ref,
        subject_name=name_of(clock),
        detail={
            "breached_at": correction.breached_at.isoformat(),
            "verdict": correction.verdict,
            "state": correction.state,
            "reason": correction.reason,
            "asked_by": str(correction.asked_by),
        },
    )
    tell(
        incident,
        [correction.asked_by],
        f"correction {correction.get_state_display().lower()}",
        kind="clock.correction",
        key=f"correction:{correction.pk}:decided",
        actor=actor,
        now=now,
    )
    return correction


def _say(incident: Incident, correction: ClockCorrection, words: str, *, actor: Actor, now: datetime) -> None:
    clock: Clock = correction.clock
    data = {
        "clock": clock.pk,
        "kind": clock.kind,
        "correction": correction.pk,
        "breached_at": correction.breached_at.isoformat(),
        "verdict": correction.verdict,
        "state": correction.state,
    }
    record(incident, EntryKind.CLOCK, words, actor=actor, now=now, data=data)
    save(incident, [])
