"""Hand-overs for lists and pages. Everything starts at `handovers_visible_to`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts.models import User
from accounts.queries.people import by_key
from core.compiled import compiled
from core.types import Words
from rotas.choices import HandoverState
from rotas.domain.handovers import REMIND_AFTER
from rotas.handover_sections import sections
from rotas.models import Handover, HandoverItem, Rota
from rotas.rules import can_see_rotas

NEWEST_FIRST: Final = ("-at", "-pk")
# In so many hand-overs before an item is one that nobody ends.
LONG_CARRIED: Final = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a hand-over with its items, in order."""

    key: str
    label: Words
    items: tuple[HandoverItem, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The newest hand-over of a rota, which nobody has accepted yet; `mine` where it waits for the reader."""

    handover: Handover
    mine: bool
    outgoing: tuple[User, ...]
    incoming: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Hand-overs whose people changed in a period. Published on time is within 15 minutes of the draft; an item is carried
    long once more than two hand-overs had it before."""

    drafted: int
    published: int
    on_time: int
    accepted: int
    items: int
    without_owner: int
    carried_long: int

    @property
    def on_time_percent(self) -> float | None:
        """Of all that were drafted, also those that nobody published; None where none was."""
        return 100 * self.on_time / self.drafted if self.drafted else None


def handovers_visible_to(user: Any) -> QuerySet[Handover]:
    """Support sees all, with who goes and comes; anybody else nothing. Three queries."""
    people = User.objects.select_related("site").order_by("name", "pk")
    rows = Handover.objects.select_related("rota__team", "published_by").prefetch_related(
        Prefetch("outgoing", people), Prefetch("incoming", people)
    )
    return rows if can_see_rotas(user) else rows.none()


def counted(rows: QuerySet[Handover]) -> QuerySet[Handover]:
    """With `n_items` and `n_accepted`, each a number."""
    items = HandoverItem.objects.filter(handover=OuterRef("pk")).order_by().values("handover")
    accepted = items.filter(accepted_at__isnull=False)
    return rows.annotate(
        n_items=Subquery(items.annotate(n=Count("pk")).values("n")),
        n_accepted=Subquery(accepted.annotate(n=Count("pk")).values("n")),
    )


def with_items(rows: QuerySet[Handover]) -> QuerySet[Handover]:
    """With their items, owners and who accepted them. One query more."""
    items = HandoverItem.objects.select_related("owner__site", "accepted_by__site").order_by("position", "pk")
    return rows.prefetch_related(Prefetch("items", items))


def parts_of(handover: Handover) -> list[Part]:
    """The items of a hand-over by section, in the order of the registry; what no app registers any more comes last. Sections
    without items are left out. No query where items were loaded by `with_items`."""
    found: dict[str, list[HandoverItem]] = {}
    for item in handover.items.all():
        found.setdefault(item.section, []).append(item)
    known: dict[str, Words] = {section.key: section.label for section in sections()}
    labels = {**known, **{key: key for key in found if key not in known}}
    return [Part(key, label, tuple(found[key])) for key, label in labels.items() if key in found]


def waiting(user: Any) -> list[Waiting]:
    """What nobody has accepted yet, of each rota in use the newest only (the next one takes over what an older one left);
    first what waits for the reader, then the oldest. Two queries, by index."""
    drawn: list[Any] = _unaccepted() if can_see_rotas(user) else []
    people = by_key({key for row in drawn for key in (*row.goes, *row.comes)})
    found = []
    for row in drawn:
        goes, comes = _in_order(people, row.goes), _in_order(people, row.comes)
        turn = goes if row.state == HandoverState.DRAFT else comes
        found.append(Waiting(row, user in turn, goes, comes))
    return sorted(found, key=lambda each: (not each.mine, each.handover.at, each.handover.pk))


@compiled
def _unaccepted() -> QuerySet[Handover]:
    newest = Handover.objects.filter(rota=OuterRef("pk")).order_by("-at").values("pk")
    rotas = Rota.objects.filter(is_active=True).annotate(newest=Subquery(newest[:1]))
    rows = Handover.objects.filter(pk__in=rotas.values("newest")).exclude(state=HandoverState.ACCEPTED)
    named = rows.select_related("rota").only("at", "state", "rota__name")
    return counted(named).annotate(goes=_people_of(Handover.outgoing), comes=_people_of(Handover.incoming))


def numbers(start: datetime, end: datetime, rotas: Iterable[Rota] | None = None) -> Numbers:
    """Of hand-overs whose people changed in `[start, end)`; of all rotas unless told. Two queries."""
    rows = Handover.objects.filter(at__gte=start, at__lt=end)
    if rotas is not None:
        rows = rows.filter(rota__in=list(rotas))
    on_time = Q(published_at__lte=F("drafted_at") + REMIND_AFTER)
    handovers = rows.order_by().aggregate(
        drafted=Count("pk"),
        published=Count("published_at"),
        on_time=Count("pk", filter=on_time),
        accepted=Count("accepted_at"),
    )
    items = HandoverItem.objects.filter(handover__in=rows.order_by().values("pk")).aggregate(
        items=Count("pk"),
        without_owner=Count("pk", filter=Q(owner=None)),
        carried_long=Count("pk", filter=Q(carried__gt=LONG_CARRIED)),
    )
    return Numbers(**handovers, **items)


def _people_of(which: Any) -> ArraySubquery:
    """The keys of the people on one side of a hand-over."""
    rows = which.through.objects.filter(handover=OuterRef("pk"))
    return ArraySubquery(rows.values("user_id"))


def _in_order(people: Mapping[int, User], keys: Iterable[int]) -> tuple[User, ...]:
    return tuple(sorted((people[key] for key in keys), key=lambda person: (person.name, person.pk)))
