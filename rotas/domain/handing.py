"""What people do with a hand-over: complete it, publish it, accept it.

Who goes writes and publishes while it is a draft, who comes accepts item by item; leads may do both. Nobody overwrites what
they haven't seen: whoever edits names the version they read.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q

from accounts.domain.audit import record
from accounts.models import User
from core.errors import Changed, IllegalState, Invalid, NotAllowed
from core.instants import check_known
from core.types import Actor
from rotas.choices import HandoverState
from rotas.domain.handover_news import call_back, tell_published
from rotas.domain.handovers import REMIND_AFTER, is_overtaken
from rotas.handover_sections import NOTES, sections
from rotas.models import Handover, HandoverItem
from rotas.rules import can_be_on_call, can_plan

EDITABLE: Final = ("title", "detail", "next_action", "owner", "due_at")
MAX_TEXT: Final = 10_000
MAX_ITEMS: Final = 500


@transaction.atomic
def write_summary(
    handover: Handover, text: str, *, actor: Actor, now: datetime, version: int | None = None
) -> Handover:
    """Say how it went. Raises NotAllowed, IllegalState where it is no draft, Changed where it was edited since `version`,
    Invalid for too long a text."""
    found = _draft(handover, actor, version)
    found.summary = _text(text, "summary")
    return _saved(found, "handover.summary", actor, now, {}, "summary")


@transaction.atomic
def add_item(
    handover: Handover,
    values: Mapping[str, Any],
    *,
    section: str = NOTES,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> HandoverItem:
    """Write an item by hand: `values` by the names of EDITABLE. Raises as `write_summary`, and Invalid without a title, for
    an unknown section, and once there are MAX_ITEMS."""
    found = _draft(handover, actor, version)
    if section not in {each.key for each in sections()}:
        raise Invalid("There is no such section.", fields={"section": "unknown"})
    if found.items.count() >= MAX_ITEMS:
        raise Invalid(f"A hand-over has at most {MAX_ITEMS} items.", fields={"title": "too many items"})
    last = found.items.aggregate(last=Max("position"))["last"]
    item = HandoverItem(handover=found, section=section, position=0 if last is None else last + 1)
    _apply(item, {"title": "", **values})
    item.save(force_insert=True)
    _saved(found, "handover.item_added", actor, now, {"item": item.title})
    return item


@transaction.atomic
def edit_item(
    item: HandoverItem, changes: Mapping[str, Any], *, actor: Actor, now: datetime, version: int | None = None
) -> HandoverItem:
    """Change what an item says: `changes` by the names of EDITABLE. Raises as `write_summary`, and Invalid for what can't be
    edited or doesn't fit."""
    found = _draft(item.handover, actor, version)
    row = _item(found, item)
    _apply(row, changes)
    row.save(update_fields=list(changes) or ["title"])
    _saved(found, "handover.item_edited", actor, now, {"item": row.title, "what": ", ".join(changes)})
    return row


@transaction.atomic
def remove_item(item: HandoverItem, *, actor: Actor, now: datetime, version: int | None = None) -> Handover:
    """Take an item out. One that a section gave comes back with the next hand-over while what it is about is open.
    Raises as `write_summary`."""
    found = _draft(item.handover, actor, version)
    row = _item(found, item)
    row.delete()
    return _saved(found, "handover.item_removed", actor, now, {"item": row.title})


@transaction.atomic
def give_rest(
    handover: Handover, owner: User, *, actor: Actor, now: datetime, version: int | None = None
) -> Handover:
    """Every item without an owner, or with one who is deactivated, gets this one. Raises as `write_summary`, and Invalid for
    who can't be on call."""
    found = _draft(handover, actor, version)
    _check_owner(owner)
    orphans = found.items.filter(Q(owner=None) | Q(owner__is_active=False))
    given = HandoverItem.objects.filter(pk__in=list(orphans.values_list("pk", flat=True))).update(owner=owner)
    return _saved(found, "handover.rest_given", actor, now, {"owner": str(owner), "items": given})


@transaction.atomic
def publish(handover: Handover, *, actor: Actor, now: datetime, version: int | None = None) -> Handover:
    """Hand it to those who come; they hear of it. Raises as `write_summary`, and Invalid while an item has no owner or no
    next action: the message and `fields` name those items."""
    found = _draft(handover, actor, version)
    rows = list(found.items.select_related("owner").order_by("position", "pk"))
    lacking = {row.pk: lack for row in rows if (lack := lacks(row))}
    if lacking:
        named = "; ".join(f"“{row.title}” has {lacking[row.pk]}" for row in rows if row.pk in lacking)
        raise Invalid(
            f"Each item needs an owner and a next action: {named}."[:2000],
            code="handover_incomplete",
            fields={f"items.{pk}": lack for pk, lack in lacking.items()},
        )
    found.state, found.published_at, found.published_by = HandoverState.PUBLISHED, now, _user(actor)
    found.next_at = now + REMIND_AFTER
    _saved(found, "handover.published", actor, now, {}, "state", "published_at", "published_by", "next_at")
    call_back(found, now=now)
    tell_published(found, actor=actor, now=now)
    return found


@transaction.atomic
def accept_item(item: HandoverItem, *, actor: Actor, now: datetime) -> Handover:
    """Take one item; with the last one the hand-over is accepted. Again changes nothing.

    Raises NotAllowed for who neither comes nor is a lead, IllegalState where it isn't published.
    """
    found = _published(item.handover, actor)
    row = _item(found, item)
    if row.accepted_at is None:
        _accept([row], actor, now)
    return _settle(found, actor, now)


@transaction.atomic
def accept(handover: Handover, *, actor: Actor, now: datetime) -> Handover:
    """Take all that is left, also where there is no item at all. Again changes nothing. Raises as `accept_item`."""
    found = _published(handover, actor)
    _accept(list(found.items.filter(accepted_at=None)), actor, now)
    return _settle(found, actor, now)


def may_write(handover: Handover, user: Any) -> bool:
    """Whether this person may complete and publish it: who goes, and leads. At most one query."""
    return _may(user, handover.outgoing)


def may_accept(handover: Handover, user: Any) -> bool:
    """Whether this person may accept it: who comes, and leads. At most one query."""
    return _may(user, handover.incoming)


def lacks(item: HandoverItem) -> str:
    """What an item lacks to be handed over, such as "no owner"; "" where nothing. An owner who is deactivated is none."""
    has_owner = item.owner is not None and item.owner.is_active
    missing = [name for name, there in (("owner", has_owner), ("next action", item.next_action)) if not there]
    return f"no {' and no '.join(missing)}" if missing else ""


def _may(user: Any, side: Any) -> bool:
    if not isinstance(user, User) or not can_be_on_call(user):
        return False
    return can_plan(user) or user.pk in {each.pk for each in side.all()}


def _draft(handover: Handover, actor: Actor, version: int | None) -> Handover:
    """The hand-over, locked, where this actor may write in it."""
    found = _locked(handover)
    if not may_write(found, actor.user):
        raise NotAllowed("Those who hand over write here, and leads.", code="not_outgoing")
    if found.state != HandoverState.DRAFT:
        raise IllegalState(
            f"It is {found.get_state_display().lower()}: what it says stays.", code="handover_published"
        )
    _not_overtaken(found)
    if version is not None and version != found.version:
        raise Changed(
            "Somebody changed this hand-over meanwhile. Look at what it says now, then save again.",
            extra={"version": found.version},
        )
    return found


def _published(handover: Handover, actor: Actor) -> Handover:
    found = _locked(handover)
    if not may_accept(found, actor.user):
        raise NotAllowed("Those who take over accept it, and leads.", code="not_incoming")
    if found.state == HandoverState.DRAFT:
        raise IllegalState(
            "It is still a draft: those who hand over publish it first.", code="handover_draft"
        )
    if found.state == HandoverState.PUBLISHED:
        _not_overtaken(found)
    return found


def _locked(handover: Handover) -> Handover:
    return Handover.objects.select_for_update(of=("self",)).select_related("rota__team").get(pk=handover.pk)


def _not_overtaken(found: Handover) -> None:
    if is_overtaken(found):
        raise IllegalState(
            "The next hand-over of this rota has been drafted; what was open here stands there.",
            code="handover_overtaken",
        )


def _item(found: Handover, item: HandoverItem) -> HandoverItem:
    row = found.items.filter(pk=item.pk).first()
    if row is None:
        raise IllegalState("This item was removed meanwhile.", code="item_gone")
    return row


def _apply(item: HandoverItem, changes: Mapping[str, Any]) -> None:
    unknown = sorted(set(changes) - set(EDITABLE))
    if unknown:
        raise Invalid("Not editable.", fields=dict.fromkeys(unknown, "not editable"))
    for name, value in changes.items():
        setattr(item, name, _text(value, name) if isinstance(value, str) else value)
    item.title, item.next_action = (" ".join(text.split()) for text in (item.title, item.next_action))
    faults = {name: "too long" for name in ("title", "next_action") if len(getattr(item, name)) > 200}
    if not item.title:
        faults["title"] = "required"
    if faults:
        raise Invalid("Say in a line what it is, and in another what is next.", fields=faults)
    if "owner" in changes and item.owner is not None:
        _check_owner(item.owner)
    if item.due_at is not None:
        check_known("due_at", item.due_at)


def _check_owner(owner: User) -> None:
    if not can_be_on_call(owner):
        raise Invalid(f"{owner} can't be on call.", fields={"owner": "can't be on call"})


def _text(value: str, name: str) -> str:
    text = value.replace("\x00", "").strip()
    if len(text) > MAX_TEXT:
        raise Invalid("That is too long.", fields={name: f"at most {MAX_TEXT} characters"})
    return text


def _accept(rows: list[HandoverItem], actor: Actor, now: datetime) -> None:
    for row in rows:
        row.accepted_at, row.accepted_by = now, _user(actor)
    HandoverItem.objects.bulk_update(rows, ["accepted_at", "accepted_by"])


def _settle(found: Handover, actor: Actor, now: datetime) -> Handover:
    """Accepted, once nothing is left."""
    if found.state == HandoverState.ACCEPTED or found.items.filter(accepted_at=None).exists():
        return found
    found.state, found.accepted_at, found.next_at = HandoverState.ACCEPTED, now, None
    _saved(found, "handover.accepted", actor, now, {}, "state", "accepted_at", "next_at")
    call_back(found, now=now)
    return found


def _saved(
    found: Handover, action: str, actor: Actor, now: datetime, detail: dict[str, Any], *fields: str
) -> Handover:
    found.version += 1
    found.save(update_fields=[*fields, "version"])
    record(
        action,
        actor=actor,
        now=now,
        subject_kind="handover",
        subject_id=found.pk,
        subject_name=str(found),
        detail={"rota": found.rota.slug, **detail},
    )
    return found


def _user(actor: Actor) -> User | None:
    return actor.user if isinstance(actor.user, User) else None
