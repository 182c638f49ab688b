"""The cover engine: who was, is and will be on call, kept as rows.

The coverage engine (`coverage.py`) is the truth of what is to come; its result is written down for a rolling horizon, and
what has passed stays as it was written. So "who was on call on 3 March, and why" is one look into an index, whatever has
become of layers, people and overrides since.

Verbs that change a rota call `touch`; besides, every rota is looked at again each `AGAIN`, for what changes without a verb
(somebody is deactivated, a zone's rules change, the horizon moves on).
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce, Least

from core.nudge import nudge
from rotas.domain.needs import Shortage
from rotas.domain.telling import tell_gaps
from rotas.domain.words import what_it_does
from rotas.models import Cover, Layer, Override, Rota
from rotas.queries.gaps import MOST_DAYS, covered
from rotas.queries.oncall import Plan, plans, read_plan

log = logging.getLogger(__name__)
DOORBELL = "rotas.tasks.cover"
HORIZON: Final = timedelta(days=120)
# How long before a shift its person is told, and how long after its beginning at most.
SOON: Final = timedelta(hours=1)
JUST_NOW: Final = timedelta(minutes=5)
# How far back a rota is written down when it is for the first time.
FIRST_LOOK: Final = timedelta(days=400)
AGAIN: Final = timedelta(minutes=15)
# A rota that can't be worked out is tried again after this long.
STAND_BACK: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a rota's cover: who, in the order of calling (nobody: a gap), and what it comes from."""

    start: datetime
    end: datetime
    people: tuple[int, ...]
    layer: int | None
    override: int | None
    version: int | None
    why: str

    def goes_on_as(self, other: "Stretch") -> bool:
        """Whether the other one, which follows, says the same."""
        return (self.people, self.layer, self.override, self.version, self.why) == (
            other.people, other.layer, other.override, other.version, other.why,
        )  # fmt: skip


def touch(rotas: Collection[int] | None, since: datetime, now: datetime) -> None:
    """The cover of these rotas (None: of all) is out of date from `since` on: it is worked out again at once.

    Part of the caller's transaction.
    """
    stale = Rota.objects.all() if rotas is None else Rota.objects.filter(pk__in=rotas)
    stale.update(cover_at=now, cover_from=Least(Coalesce(F("cover_from"), since), since))
    nudge(DOORBELL)


def tick(now: datetime, limit: int = 20) -> int:
    """Work out the cover of rotas that are due, one by one; how many. One that fails stands back, the others go on, and the
    first error is raised at the end."""
    due = Rota.objects.filter(Q(cover_at__lte=now) | Q(cover_at__isnull=True)).order_by(
        F("cover_at").asc(nulls_first=True), "pk"
    )
    worked, failure = 0, None
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        try:
            worked += derive(pk, now)
        except Exception as error:
            log.exception("the cover of rota %s can't be worked out and stands back", pk)
            failure = failure or error
            Rota.objects.filter(pk=pk).update(cover_at=now + STAND_BACK)
    if failure is not None:
        raise failure
    return worked


@transaction.atomic
def derive(pk: int, now: datetime) -> int:
    """Bring the cover of one rota up to date; 0 where somebody else does."""
    rota = Rota.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
    if rota is None:
        return 0
    # shifts begin at whole seconds
    since = _since(rota, now).replace(microsecond=0)
    end = now + HORIZON
    # a retired rota has no cover, rather than one long gap
    stretches = _worked_out(rota, since, end, now) if rota.is_active else []
    rewrite(rota, stretches, since, now)
    if rota.is_active:
        _tell_of_gaps(rota, now)
    rota.cover_at, rota.cover_from, rota.covered_until = now + AGAIN, None, end
    rota.save(update_fields=["cover_at", "cover_from", "covered_until", "told_gaps"])
    return 1


def _worked_out(rota: Rota, since: datetime, end: datetime, now: datetime) -> list[Stretch]:
    """The schedule from `since` on. What lies before `now` was everybody's who was there then, since gone or not."""
    plan = plans([rota], since, end)[0]
    edge = min(max(since, now.replace(microsecond=0)), end)
    if rota.covered_until is not None or since == edge:
        return stretches_of(plan, since, end)
    then = stretches_of(read_plan(rota, with_inactive=True), since, edge)
    coming = stretches_of(plan, edge, end)
    if then and coming and then[-1].goes_on_as(coming[0]):
        coming[0] = Stretch(then.pop().start, coming[0].end, *_rest(coming[0]))
    return [*then, *coming]


def _tell_of_gaps(rota: Rota, now: datetime) -> None:
    """Whoever looks after the rota hears of gaps ahead, of each once.

    A gap is known where one that was told of lies in the same time: it may have begun meanwhile, or reach further as the
    horizon moves on. One that was filled and opens again is told again.
    """
    (found,) = covered([rota], now, now + timedelta(days=min(rota.warn_days, MOST_DAYS)))
    gaps = [each.short for each in found.short]
    tell_gaps(
        rota, [gap for gap in gaps if not any(_is_known(gap, told) for told in rota.told_gaps)], now=now
    )
    rota.told_gaps = [[gap.start.isoformat(), gap.end.isoformat(), gap.skill] for gap in gaps]


def _is_known(gap: Shortage, told: Sequence[Any]) -> bool:
    start, end, skill = told
    meets = gap.start <= datetime.fromisoformat(end) and gap.end >= datetime.fromisoformat(start)
    return bool(meets and gap.skill == skill)


def rewrite(rota: Rota, stretches: Sequence[Stretch], since: datetime, now: datetime) -> bool:
    """From `since` on the rota's cover is this; whether anything changed. What reaches over `since` is cut there."""
    kept = Cover.objects.filter(rota=rota, ends_at__gt=since).order_by("starts_at", "place")
    known = [_stretch(list(rows)) for _, rows in groupby(kept, key=lambda row: row.starts_at)]
    wanted = list(stretches)
    if known and wanted and known[0].start < since and known[0].goes_on_as(wanted[0]):
        # the one that runs goes on: its start stays
        first = wanted[0]
        wanted[0] = Stretch(known[0].start, first.end, *_rest(first))
    if known == wanted:
        return False
    # what is the same is left alone: a horizon that moves on touches its last stretch only
    same = set(known) & set(wanted)
    gone = [stretch for stretch in known if stretch not in same]
    for stretch in gone:
        rows = Cover.objects.filter(rota=rota, starts_at=stretch.start)
        if stretch.start < since and all(each.start != stretch.start for each in wanted):
            rows.update(ends_at=since)
        else:
            rows.delete()
    Cover.objects.bulk_create(
        Cover(
            rota=rota,
            starts_at=each.start,
            ends_at=each.end,
            place=place,
            user_id=person,
            layer=each.layer,
            override=each.override,
            version=each.version,
            why=each.why,
            derived_at=now,
            next_at=_first_news(each.start, now) if person is not None else None,
        )
        for each in wanted
        if each not in same
        for place, person in enumerate(each.people or (None,))
    )
    return True


def stretches_of(plan: Plan, start: datetime, end: datetime) -> list[Stretch]:
    """The final schedule of a plan, each stretch with what it comes from in words."""
    names = {layer.pk: layer.name for layer in plan.rota.read_layers}  # type: ignore[attr-defined]
    overrides = {row.pk: row for row in plan.rota.read_overrides}  # type: ignore[attr-defined]
    found = []
    for shift in plan.shifts(start, end):
        why = "" if shift.layer is None else f"layer {names.get(shift.layer, '')}"
        if shift.override is not None:
            row = overrides[shift.override]
            why = _because(row, why)
        version = None if shift.layer is None else plan.versions.get(shift.layer)
        found.append(
            Stretch(shift.start, shift.end, shift.people, shift.layer, shift.override, version, why[:200])
        )
    return found


def _because(row: Override, why: str) -> str:
    reason = f" ({row.reason})" if row.reason else ""
    return f"{what_it_does(row)}{reason}{f', on {why}' if why else ''}"


def _since(rota: Rota, now: datetime) -> datetime:
    """From when on it has to be worked out: from a change, else from where nothing is written yet, else from now."""
    if rota.covered_until is None:
        first = Layer.objects.filter(rota=rota).aggregate(at=Min(Coalesce("starts_at", "anchor")))["at"]
        return min(now, max(first or now, now - FIRST_LOOK))
    # a verb's instant lies before the tick's
    return min(now, rota.covered_until, rota.cover_from or now)


def _first_news(starts_at: datetime, now: datetime) -> datetime | None:
    """When a person hears of a stretch for the first time: an hour before it begins, or as soon as it is known; never of
    one that began a while ago."""
    return None if starts_at < now - JUST_NOW else max(starts_at - SOON, now)


def _stretch(rows: Sequence[Cover]) -> Stretch:
    first = rows[0]
    people = tuple(row.user_id for row in rows if row.user_id is not None)
    return Stretch(
        first.starts_at, first.ends_at, people, first.layer, first.override, first.version, first.why
    )


def _rest(stretch: Stretch) -> tuple[tuple[int, ...], int | None, int | None, int | None, str]:
    return stretch.people, stretch.layer, stretch.override, stretch.version, stretch.why
