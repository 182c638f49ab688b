"""What the catalogue itself can say of a service's readiness: checks over all services at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from services.domain.boundaries import problems_of
from services.models import AgreementVersion, Dependency, Objective, Service
from services.queries.agreement import versions_for_all
from services.queries.boundaries import boundaries_of_all
from services.types import Boundaries, Result

AHEAD = timedelta(days=30)


def owner(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """The owning team has a lead whose account is active. No query."""
    return {service.pk: _owner(service) for service in services}


def agreement(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """Terms hold for it today, and still do in thirty days. Six queries."""
    today, later = versions_for_all(services, now), versions_for_all(services, now + AHEAD)
    return {service.pk: _agreement(today[service.pk], later[service.pk]) for service in services}


def _agreement(today: AgreementVersion | None, later: AgreementVersion | None) -> Result:
    if today is None:
        return Result("fail", _("No terms hold for it today"), reverse("services:agreements"))
    url = reverse("services:agreement", args=[today.agreement.slug])
    named = _("%(name)s, version %(n)d") % {"name": today.agreement, "n": today.number}
    if later is None:
        return Result(
            "fail", _("%(terms)s ends within thirty days, and nothing follows") % {"terms": named}, url
        )
    return Result("pass", named, url)


def boundaries(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """One party answers for each activity, somebody does it, and whoever does has a team. Four queries."""
    known = boundaries_of_all(services)
    return {service.pk: _boundaries(service, known[service.pk]) for service in services}


def objective(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """At least one objective is set and in use. One query."""
    rows = Objective.objects.filter(service__in=[service.pk for service in services], is_active=True)
    counts = dict(rows.order_by().values_list("service").annotate(n=Count("pk")))
    return {
        service.pk: Result("pass", ngettext("%(n)d objective", "%(n)d objectives", n) % {"n": n})
        if (n := counts.get(service.pk, 0))
        else Result("fail", _("No objective"), reverse("services:objectives"))
        for service in services
    }


def dependencies(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """Something is stated of what it takes or gives. One query."""
    edges = Dependency.objects.order_by().values_list("upstream_id", "downstream_id")
    takes: dict[int, int] = {}
    gives: dict[int, int] = {}
    for upstream, downstream in edges:
        takes[downstream] = takes.get(downstream, 0) + 1
        gives[upstream] = gives.get(upstream, 0) + 1
    found = {}
    for service in services:
        up, down = takes.get(service.pk, 0), gives.get(service.pk, 0)
        said = _("takes from %(up)d, gives to %(down)d") % {"up": up, "down": down}
        found[service.pk] = Result("pass", said) if up + down else Result("fail", _("Nothing is stated"))
    return found


def _owner(service: Service) -> Result:
    lead = service.owning_team.lead
    if lead is None:
        return Result("fail", _("%(team)s has no lead") % {"team": service.owning_team})
    if not lead.is_active:
        return Result("fail", _("The account of %(lead)s is not active") % {"lead": lead})
    return Result("pass", f"{lead}, {service.owning_team}")


def _boundaries(service: Service, known: Boundaries) -> Result:
    problems = problems_of(known)
    url = reverse("services:boundaries", args=[service.slug])
    if not problems:
        return Result("pass", _("Every activity has its people"), url)
    first = problems[0].sentence
    if len(problems) == 1:
        return Result("fail", first, url)
    return Result("fail", f"{first} {_('And %(n)d more.') % {'n': len(problems) - 1}}", url)
