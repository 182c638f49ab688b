"""Waking the engines by hand."""

from datetime import datetime

from django.db import transaction

from accounts.domain.audit import record
from core.engines import ENGINES
from core.nudge import nudge
from core.types import Actor


@transaction.atomic
def ring(*, actor: Actor, now: datetime) -> list[str]:
    """Ring every engine once this has committed; their names. Nothing that they do twice happens twice."""
    record(
        "engines.ring", actor=actor, now=now, subject_kind="engines", subject_name=", ".join(sorted(ENGINES))
    )
    for engine in ENGINES.values():
        nudge(engine.task)
    return sorted(ENGINES)
