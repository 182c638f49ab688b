"""Hand-overs, drafted by themselves where the people on call of a rota change.

What the sections give is taken over, and what the last hand-over of the rota left: an item is known again by its `source`,
one that people wrote by hand goes on until somebody removes it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from rotas.handover_sections import MOST, Item, Scope, Section, sections
from rotas.models import Cover, Handover, HandoverItem, Rota
from services.models import Service

log = logging.getLogger(__name__)
# How long a draft, and what was published, may wait until somebody is reminded; then until whoever looks after the rota hears.
REMIND_AFTER: Final = timedelta(minutes=15)
TELL_AFTER: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Change:
    """The people on call of a rota change at `at`: who goes, who comes, and until when (UTC) the coming ones are on."""

    at: datetime
    since: datetime
    until: datetime
    outgoing: tuple[int, ...]
    incoming: tuple[int, ...]


def change_at(rota: Rota, at: datetime) -> Change | None:
    """What changes at an instant, as the cover is written down; None where nothing begins, where nobody goes or comes, and
    where the same people go on. One query."""
    earlier = Cover.objects.filter(rota=rota, starts_at__lt=at).order_by("-starts_at").values("starts_at")
    rows = Cover.objects.filter(
        Q(starts_at=at) | Q(starts_at=earlier[:1], ends_at=at), rota=rota, user__isnull=False
    )
    near = list(rows.order_by("place"))
    before = [row for row in near if row.ends_at == at]
    after = [row for row in near if row.starts_at == at]
    outgoing, incoming = _people(before), _people(after)
    if not outgoing or not incoming or set(outgoing) == set(incoming):
        return None
    return Change(at, before[0].starts_at, after[0].ends_at, outgoing, incoming)


@transaction.atomic
def draft(rota: Rota, at: datetime, now: datetime) -> Handover | None:
    """Draft the hand-over at an instant (UTC), once: the one that is there already is returned as it is.

    None where the rota hands nothing over, where the people don't change, and where the shift that began is over too: there
    is nobody to hand it to. What waited of the hand-over before is carried, and nobody is reminded of that one any more.
    """
    change = change_at(rota, at) if rota.hands_over and rota.is_active else None
    if change is None or change.until <= now:
        return None
    earlier = Handover.objects.select_for_update(of=("self",)).filter(rota=rota, at__lt=at)
    last = earlier.order_by("-at").first()
    made, is_new = Handover.objects.get_or_create(
        rota=rota,
        at=at,
        defaults={
            "since": last.at if last is not None else change.since,
            "drafted_at": now,
            "next_at": now + REMIND_AFTER,
        },
    )
    if not is_new:
        return made
    made.outgoing.set(change.outgoing)
    made.incoming.set(change.incoming)
    scope = Scope(
        rota=rota,
        since=made.since,
        at=at,
        until=change.until,
        services=frozenset(Service.objects.filter(owning_team=rota.team_id).values_list("pk", flat=True)),
        outgoing=change.outgoing,
        incoming=change.incoming,
    )
    _fill(made, scope, last, now)
    if last is not None and last.next_at is not None:
        last.next_at = None
        last.save(update_fields=["next_at"])
    return made


def is_overtaken(handover: Handover) -> bool:
    """Whether a later hand-over of the rota has taken over what was in this one. One query."""
    return Handover.objects.filter(rota=handover.rota_id, at__gt=handover.at).exists()


def _fill(made: Handover, scope: Scope, last: Handover | None, now: datetime) -> None:
    left = list(last.items.order_by("position", "pk")) if last is not None else []
    known = {item.source: item for item in left if item.source}
    rows = list(_unique(_rows(scope, left, known, now)))
    for position, row in enumerate(rows):
        row.handover, row.position = made, position
    HandoverItem.objects.bulk_create(rows)


def _rows(
    scope: Scope, left: Sequence[HandoverItem], known: Mapping[str, HandoverItem], now: datetime
) -> Iterator[HandoverItem]:
    registered = sections()
    for section in registered:
        found = _collected(section, scope, now)
        if found is None:
            yield _unknown(section)
            # whether they are still open nobody can say: they stay
            yield from (_carried(item) for item in left if item.section == section.key and item.source)
        else:
            yield from (_row(section, item, known.get(item.source), now) for item in found)
        yield from (_carried(item) for item in left if item.section == section.key and not item.source)
    there = {section.key for section in registered}
    yield from (_carried(item) for item in left if item.section not in there and not item.source)


def _collected(section: Section, scope: Scope, now: datetime) -> list[Item] | None:
    """What a section gives; None where it failed: that keeps nobody from handing over the rest."""
    if section.collect is None:
        return []
    try:
        with transaction.atomic():
            found = list(section.collect(scope, now))
    except Exception:
        log.exception("the section %s of a hand-over of rota %s can't be filled", section.key, scope.rota.pk)
        return None
    if len(found) <= MOST:
        return found
    more = Item(
        source=f"more:{section.key}",
        title=_("There are more than these %(n)d: look at the whole list") % {"n": MOST},
        next_action=_("Look at the whole list"),
        owner_id=scope.incoming[0],
    )
    return [*found[:MOST], more]


def _row(section: Section, item: Item, before: HandoverItem | None, now: datetime) -> HandoverItem:
    """An item, with what people wrote to it in the last hand-over where its source proposes nothing."""
    if before is not None:
        later = before.due_at if before.due_at is not None and before.due_at > now else None
        item = replace(
            item,
            next_action=item.next_action or before.next_action,
            owner_id=item.owner_id or before.owner_id,
            due_at=item.due_at or later,
        )
    return HandoverItem(
        section=section.key,
        source=item.source[:80],
        title=" ".join(item.title.split())[:200],
        url=item.url[:300],
        detail=item.detail,
        next_action=item.next_action[:200],
        owner_id=item.owner_id,
        due_at=item.due_at,
        carried=before.carried + 1 if before is not None else 0,
    )


def _carried(item: HandoverItem) -> HandoverItem:
    return HandoverItem(
        section=item.section,
        source=item.source,
        title=item.title,
        url=item.url,
        detail=item.detail,
        next_action=item.next_action,
        owner_id=item.owner_id,
        due_at=item.due_at,
        carried=item.carried + 1,
    )


def _unknown(section: Section) -> HandoverItem:
    title = _("“%(section)s” could not be filled: look there yourself") % {"section": section.label}
    return HandoverItem(section=section.key, source=f"failed:{section.key}", title=title)


def _unique(rows: Iterable[HandoverItem]) -> Iterator[HandoverItem]:
    """Each source once, where it stands first."""
    seen = set[str]()
    for row in rows:
        if row.source not in seen:
            yield row
        if row.source:
            seen.add(row.source)


def _people(rows: Iterable[Cover]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(row.user_id for row in rows if row.user_id is not None))
