"""What runbooks can say of a service's readiness: checks over all services at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runbooks.models import Runbook
from services.choices import Party
from services.domain.boundaries import who_does
from services.models import Service
from services.queries.boundaries import boundaries_of_all
from services.types import Result

TESTED = timedelta(days=180)


def runbook(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """Whatever L1 does only by a runbook has one of the service's own: one that names the activity, or names none.
    Seven queries."""
    known, books = boundaries_of_all(services), _activities_of_books(services)
    url = reverse("runbooks:list")
    found = {}
    for service in services:
        bound = {
            duty.slug: duty.name
            for duty in known[service.pk].duties
            if duty.needs_runbook and Party.L1.value in who_does(duty)
        }
        if not bound:
            continue
        mine = books.get(service.pk, [])
        missing = [name for slug, name in bound.items() if not any(not each or slug in each for each in mine)]
        said = ngettext("%(n)d runbook", "%(n)d runbooks", len(mine)) % {"n": len(mine)}
        found[service.pk] = (
            Result("fail", _("No runbook for: %(what)s") % {"what": ", ".join(missing)}, url)
            if missing
            else Result("pass", said, url)
        )
    return found


def _activities_of_books(services: Sequence[Service]) -> dict[int, list[set[str]]]:
    """By service, the activities that each of its runbooks names. Two queries."""
    books = Runbook.objects.filter(is_active=True, services__in=[service.pk for service in services])
    named: dict[int, set[str]] = {}
    for pk, slug in books.order_by().values_list("pk", "activities__slug"):
        named.setdefault(pk, set()).update([slug] if slug else [])
    found: dict[int, list[set[str]]] = {}
    for pk, service in books.order_by("pk").values_list("pk", "services"):
        found.setdefault(service, []).append(named[pk])
    return found


def tested(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """Each of the service's runbooks was tested within 180 days; those without a runbook are left out. One query."""
    since = (now - TESTED).astimezone(UTC).date()
    url = reverse("runbooks:list")
    found = {}
    for service_id, books in _books(services).items():
        stale = [title for title, day in books if day is None or day < since]
        if not stale:
            said = ngettext("%(n)d tested", "%(n)d tested", len(books)) % {"n": len(books)}
            found[service_id] = Result("pass", said, url)
            continue
        many = {"stale": len(stale), "all": len(books), "first": stale[0]}
        found[service_id] = Result("fail", _("%(stale)d of %(all)d due, such as “%(first)s”") % many, url)
    return found


def _books(services: Sequence[Service]) -> dict[int, list[tuple[str, date | None]]]:
    rows = Runbook.objects.filter(is_active=True, services__in=[service.pk for service in services])
    found: dict[int, list[tuple[str, date | None]]] = {}
    for service, title, day in rows.order_by("title").values_list("services", "title", "tested_at"):
        found.setdefault(service, []).append((title, day))
    return found
