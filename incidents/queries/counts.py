"""How many incidents wait, in one query for tabs, badge, pulse and room together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import JSONField, Q, QuerySet
from django.db.models.expressions import RawSQL

from incidents.choices import OPEN_STATES, State
from incidents.queries.visible import incidents_visible_to
from services.choices import Severity

SOON = timedelta(hours=1)
# Every page asks this: written out, because building it anew from eleven aggregates took longer than answering it.
_FIGURES = """jsonb_build_object(
    'open', count(*),
    'mine', count(*) FILTER (WHERE owner_id = %s),
    'nobodys', count(*) FILTER (WHERE owner_id IS NULL OR state = %s),
    'due', count(*) FILTER (WHERE next_due_at <= %s),
    'new', count(*) FILTER (WHERE state = %s),
    'worst_new', min(severity) FILTER (WHERE state = %s),
    {}
)""".format(", ".join(f"'{each}', count(*) FILTER (WHERE severity = '{each}')" for each in Severity.values))
NOBODYS = Q(owner__isnull=True) | Q(state=State.NEW)


@dataclass(frozen=True, slots=True)
class Counts:
    """Open incidents of one reader. `worst_new` is the worst severity nobody has acknowledged, or ""."""

    open: int
    mine: int
    nobodys: int
    due: int
    new: int
    worst_new: str
    by_severity: dict[str, int]

    @property
    def major(self) -> int:
        return self.by_severity[Severity.SEV1]


def counts(user: Any, now: datetime) -> Counts:
    """One aggregate over what is open and visible; its cost doesn't grow with what has ended."""
    return read(counting(user, now + SOON).get()["counts"])


def counting(user: Any, soon: datetime) -> QuerySet[Any, Any]:
    """The query behind `counts`: one row with one JSON value, for `read`; to be asked beside others.
    What is due until `soon` counts as due."""
    opened = incidents_visible_to(user).filter(state__in=OPEN_STATES).order_by()
    figures = RawSQL(  # noqa: S611 - the text is a constant, values are bound
        _FIGURES, [user.pk, State.NEW, soon, State.NEW, State.NEW], output_field=JSONField()
    )
    return opened.annotate(counts=figures).values("counts")


def read(found: dict[str, Any] | None) -> Counts:
    """What `counting` gave; None of a reader who sees nothing."""
    given = found or {}
    names = ("open", "mine", "nobodys", "due", "new")
    return Counts(
        **{name: given.get(name, 0) for name in names},
        worst_new=given.get("worst_new") or "",
        by_severity={severity.value: given.get(severity.value, 0) for severity in Severity},
    )
