"""Read models of the runbook pages."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.labels import Matcher
from runbooks.models import Runbook
from runbooks.queries.lists import runbooks_visible_to
from runbooks.queries.match import matchers_of
from services.models import Service

TEST_EVERY = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Condition:
    """One matcher in words: the label, how it is compared, the value."""

    name: str
    how: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """A runbook in a list. `due` says that nobody has tried it for half a year, or ever."""

    runbook: Runbook
    due: bool


def rows(runbooks: list[Runbook], today: date) -> list[Row]:
    """Runbooks with whether they are due for a test."""
    return [Row(runbook, is_due(runbook, today)) for runbook in runbooks]


def is_due(runbook: Runbook, today: date) -> bool:
    """Whether a runbook wants a test: never tested, or not within half a year."""
    return runbook.tested_at is None or today - runbook.tested_at > TEST_EVERY


def conditions(runbook: Runbook) -> list[Condition]:
    """When a runbook offers itself, in words; empty where it has no matchers, or unusable ones."""
    return [_in_words(matcher) for matcher in matchers_of(runbook) or ()]


def services_with_runbooks(user: Any) -> QuerySet[Service]:
    """The services that the list can be narrowed to."""
    return Service.objects.filter(runbooks__in=runbooks_visible_to(user)).distinct().order_by("slug")


def _in_words(matcher: Matcher) -> Condition:
    known = {"=": _("is"), "!=": _("is not"), "=~": _("matches"), "!~": _("does not match")}
    if matcher.value == "" and matcher.op in {"=", "!="}:
        return Condition(matcher.name, _("is absent") if matcher.op == "=" else _("is present"), "")
    return Condition(matcher.name, known[matcher.op], matcher.value)
