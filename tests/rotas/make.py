"""Rotas, policies and a fake thing to call people about."""

import itertools
from datetime import time, timedelta

from accounts.models import User
from rotas.models import (
    EscalationPolicy,
    Handover,
    HandoverItem,
    Layer,
    LayerMember,
    LayerWindow,
    Override,
    PolicyStep,
    Rota,
    StepTarget,
)
from rotas.subjects import Brief, Subject
from services.models import Client
from tests import make
from tests.make import NOW

_n = itertools.count(1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def rota(*people: User, **fields) -> Rota:
    """A rota with one layer, daily turns at 00:00 UTC from the day of NOW; no people: no layer."""
    n = next(_n)
    fields.setdefault("team", None)
    fields["team"] = fields["team"] or make.team()
    made = Rota.objects.create(**{"slug": f"rota-{n}", "name": f"Rota {n}", **fields})
    if people:
        layer(made, *people)
    return made


def layer(rota: Rota, *people: User, hours: tuple[int, int] | None = None, **fields) -> Layer:
    """Daily turns; `hours` limits it to a stretch of each day in its zone."""
    values = {
        "name": "Layer",
        "zone": "UTC",
        "unit": "daily",
        "anchor": NOW.replace(hour=0),
        **fields,
    }
    made = Layer.objects.create(rota=rota, **values)
    for turn, person in enumerate(people):
        LayerMember.objects.create(layer=made, user=person, turn=turn)
    if hours:
        opens, closes = (time(hour % 24) for hour in hours)
        LayerWindow.objects.create(layer=made, weekdays=list(range(7)), start=opens, end=closes)
    return made


def override(rota: Rota, start, end, user=None, replaces=None) -> Override:
    return Override.objects.create(rota=rota, starts_at=start, ends_at=end, user=user, replaces=replaces)


def handover(rota: Rota, outgoing=(), incoming=(), *, at=NOW, **fields) -> Handover:
    """A hand-over as the engine leaves it, without items; a draft unless told otherwise."""
    values = {"since": at - DAY, "at": at, "drafted_at": at, "next_at": at + 15 * MINUTE, **fields}
    made = Handover.objects.create(rota=rota, **values)
    made.outgoing.set(outgoing)
    made.incoming.set(incoming)
    return made


def item(handover: Handover, title: str = "Look at the queue", **fields) -> HandoverItem:
    """An item, written by hand and complete unless told otherwise."""
    values = {"section": "notes", "next_action": "Look at it", "position": handover.items.count(), **fields}
    if "owner" not in values:
        values["owner"] = handover.incoming.first()
    return HandoverItem.objects.create(handover=handover, title=title, **values)


def policy(*steps, wait: int = 5, **fields) -> EscalationPolicy:
    """Each step is a target or a list of them: a rota (its on call), a person, or a team (its lead)."""
    n = next(_n)
    values = {"slug": f"policy-{n}", "name": f"Policy {n}", "repeats": 0, **fields}
    made = EscalationPolicy.objects.create(**values)
    for position, targets in enumerate(steps, start=1):
        step = PolicyStep.objects.create(policy=made, position=position, wait_minutes=wait)
        for target in targets if isinstance(targets, list) else [targets]:
            kind, name = _kind(target)
            StepTarget.objects.create(step=step, kind=kind, **{name: target})
    return made


def _kind(target) -> tuple[str, str]:
    if isinstance(target, Rota):
        return "on_call", "rota"
    return ("person", "user") if isinstance(target, User) else ("team_lead", "team")


class Cases(Subject):
    """A fake subject: cases are clients' rows (to have something to lock), notes are kept in a list."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.closed: set[int] = set()
        self.lead: User | None = None
        self.broken: set[int] = set()
        self.remarks: tuple[str, ...] = ()

    def new(self) -> int:
        return make.client_().pk

    def lock(self, subject_id: int) -> bool:
        rows = Client.objects.select_for_update(no_key=True, skip_locked=True)
        return rows.filter(pk=subject_id).first() is not None

    def lock_and_wait(self, subject_id: int) -> None:
        """As a verb does it."""
        Client.objects.select_for_update(no_key=True).get(pk=subject_id)

    def exists(self, subject_id: int) -> bool:
        return Client.objects.filter(pk=subject_id).exists()

    def brief(self, subject_id: int) -> Brief:
        if subject_id in self.broken:
            raise RuntimeError("no brief of this one")
        return Brief(
            ref=f"CASE-{subject_id}",
            title="Scores drift",
            url=f"/cases/{subject_id}/",
            severity="SEV2",
            still_open=subject_id not in self.closed,
            body="Service: fraud-score of Lumen Bank",
            opened_at=NOW,
            team_lead_id=self.lead.pk if self.lead else None,
            remarks=self.remarks,
        )

    def called(self, subject_id: int, notes, now) -> None:
        self.notes += [note.text for note in notes]


def called(run) -> list[tuple[int, int, str, str]]:
    """The calls of a run as (round, step, outcome, whose name), both counted from 1."""
    rows = run.calls.select_related("user").order_by("pk")
    return [(c.round + 1, c.step + 1, c.outcome, str(c.user or "")) for c in rows]


def messages_to(user: User) -> list[tuple[str, str]]:
    """Channel and state of the messages to a person, in order."""
    return list(user.messages.order_by("pk").values_list("channel", "state"))
