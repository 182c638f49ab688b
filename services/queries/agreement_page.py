"""Read models of the agreements' pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.types import Words
from services.choices import AgreementKind, Lifecycle, Party, PromiseKind, Severity, VersionState
from services.models import Agreement, AgreementTarget, AgreementVersion, Service
from services.queries.agreement import services_of, target_of
from services.queries.agreements import Tried, ladder_words, with_terms
from services.queries.strips import Block, Mark, blocks, marks
from services.queries.week import Week, week_of
from services.queries.words import goal_words, rung_words, stops_words, target_words

COVERED_SHOWN = 60
_HEADS: dict[str, tuple[Words, Words]] = {
    AgreementKind.SLA: (
        gettext_lazy("With clients"),
        gettext_lazy("What we promise to those whose services we keep"),
    ),
    AgreementKind.OLA: (
        gettext_lazy("Inside the house"),
        gettext_lazy("What Engineering, Platform Ops and L2 promise to Support"),
    ),
    AgreementKind.UC: (gettext_lazy("With partners"), gettext_lazy("What those who help us promise")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An agreement in the list: who promises whom, what holds now, what comes, whether a draft waits."""

    agreement: Agreement
    parties: str
    covers: str
    now: AgreementVersion | None
    coming: AgreementVersion | None
    draft: AgreementVersion | None


@dataclass(frozen=True, slots=True)
class Group:
    """Agreements of one kind."""

    title: Words
    says: Words
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Cell:
    """What is promised of one kind at one severity; `goal` and `stops` say the rest, "" where there is nothing to say."""

    words: str
    goal: str
    stops: str


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of promise over the severities; None where nothing is promised."""

    kind: Words
    cells: list[Cell | None]


@dataclass(frozen=True, slots=True)
class Terms:
    """A version as people read it."""

    version: AgreementVersion
    severities: list[str]
    lines: list[Line]
    ladder: list[str]
    week: Week


def groups(now: datetime) -> list[Group]:
    """All agreements by kind, with what holds and what comes. Six queries."""
    found = list(with_terms(Agreement.objects.all(), now).order_by("name", "pk"))
    later = AgreementVersion.objects.filter(agreement__in=[each.pk for each in found]).filter(
        Q(state=VersionState.DRAFT) | Q(valid_from__gt=now)
    )
    waiting: dict[int, list[AgreementVersion]] = {}
    for version in later.order_by("number"):
        waiting.setdefault(version.agreement_id, []).append(version)
    kinds = {kind: place for place, kind in enumerate(_HEADS)}
    found.sort(key=lambda each: kinds[each.kind])
    return [
        Group(*_HEADS[kind], [_row(each, waiting.get(each.pk, [])) for each in same])
        for kind, same in groupby(found, key=lambda each: each.kind)
    ]


def _row(agreement: Agreement, waiting: Sequence[AgreementVersion]) -> Row:
    held: list[AgreementVersion] = agreement.versions_now  # type: ignore[attr-defined]
    return Row(
        agreement,
        parties_of(agreement),
        covers_of(agreement),
        held[0] if held else None,
        next((each for each in waiting if not each.is_draft), None),
        next((each for each in waiting if each.is_draft), None),
    )


def parties_of(agreement: Agreement) -> str:
    """Who promises whom: "ML Engineering to L1"."""
    provider = str(agreement.provider_team or Party(agreement.provider).label)
    receiver = str(agreement.client or Party(agreement.receiver).label)
    return _("%(provider)s to %(receiver)s") % {"provider": provider, "receiver": receiver}


def covers_of(agreement: Agreement) -> str:
    """What it covers by rule, in words; services that name it are not told."""
    rows: list[dict[str, Any]] = agreement.covered  # type: ignore[attr-defined]
    said = [
        row["service"] or " ".join(filter(None, [row["client"], f"T{row['tier']}" if row["tier"] else ""]))
        for row in rows
    ]
    if agreement.is_default:
        said.append(_("whatever has no other"))
    return ", ".join(said)


def terms(version: AgreementVersion, now: datetime) -> Terms:
    """A version as a table: kinds of promises down, severities across. The version comes with targets and rungs."""
    by_key = {(target.severity, target.kind): target for target in version.targets.all()}
    severities = [severity for severity in Severity.values if any(key[0] == severity for key in by_key)]
    around_the_clock = version.calendar.always_open
    return Terms(
        version,
        severities,
        [
            Line(
                PromiseKind(kind).label,
                [
                    _cell(by_key.get((severity, kind)), around_the_clock=around_the_clock)
                    for severity in severities
                ],
            )
            for kind in PromiseKind.values
            if any(key[1] == kind for key in by_key)
        ],
        [ladder_words(rung) for rung in version.rungs.all()],
        week_of(version.calendar, now),
    )


def _cell(target: AgreementTarget | None, *, around_the_clock: bool) -> Cell | None:
    if target is None:
        return None
    words = target_words(target_of(target), around_the_clock=around_the_clock)
    return Cell(words, goal_words(target), stops_words(target))


def covered_by(agreement: Agreement) -> list[Service]:
    """Services for which it counts now. Three queries."""
    services = Service.objects.exclude(lifecycle=Lifecycle.RETIRED).select_related("client")
    return services_of(agreement, services.order_by("name", "pk"))


@dataclass(frozen=True, slots=True)
class Shown:
    """One promise of a trial, ready to draw. `due` and `warns` are in the asked zone."""

    tried: Tried
    name: Words
    due_at: datetime
    warn_at: datetime
    blocks: tuple[Block, ...]
    marks: tuple[Mark, ...]
    rungs: list[tuple[str, datetime]]


def shown(tried: Sequence[Tried], raised_at: datetime, zone: str) -> list[Shown]:
    """The promises of a trial on one time axis, from the raising to the last due time that is near enough to draw beside."""
    found = []
    for each in tried:
        last = max(each.due_at, raised_at + timedelta(minutes=1))
        known = [(each.warn_at, "why-warn", _("warns")), (each.due_at, "why-due", _("due"))]
        known += [(at, "why-warn", _("rung")) for _rung, at in each.rungs]
        found.append(
            Shown(
                each,
                PromiseKind(each.terms.kind).label,
                each.due_at,
                each.warn_at,
                blocks(each.explained.stretches, raised_at, last, zone),
                marks(known, raised_at, last, raised_at, zone),
                [(rung_words(rung), at) for rung, at in each.rungs],
            )
        )
    return found
