"""What rotas and policies can say of a service's readiness: checks over all services at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max, Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from core import calendars
from core.calendars import BusinessHours
from core.intervals import Interval, clip, subtract, total, union
from core.ui.words import duration
from rotas.choices import Hours, TargetKind
from rotas.models import Cover as CoverRow
from rotas.models import EscalationPolicy, FireDrill, PolicyAssignment, PolicyStep, StepTarget
from services.choices import Severity, Tier
from services.models import Service
from services.queries.agreement import hours_of, versions_for_all, zone_of
from services.types import Result

AHEAD = timedelta(days=14)
DRILLED = timedelta(days=90)
WORST = "SEV1"
# Cover is written down to the second; shorter holes are no gaps.
_TOLERATED = timedelta(seconds=60)


class Policies:
    """Which policy calls for which service and severity, read once for all. Four queries."""

    def __init__(self) -> None:
        targets = Prefetch("targets", StepTarget.objects.only("step_id", "kind", "rota_id"))
        steps = Prefetch("steps", PolicyStep.objects.prefetch_related(targets))
        policies = EscalationPolicy.objects.filter(is_active=True).prefetch_related(steps)
        self._policies = {policy.pk: policy for policy in policies}
        self._default = next((each for each in self._policies.values() if each.is_default), None)
        rows = PolicyAssignment.objects.filter(policy__is_active=True, hours=Hours.ANY).order_by()
        self._by: dict[tuple[int | None, str], int] = {
            (service, severity): policy
            for service, severity, policy in rows.values_list("service", "severity", "policy")
        }

    def of(self, service: Service, severity: str) -> EscalationPolicy | None:
        """As `rotas.queries.policy.choose` does, leaving out assignments for some hours only."""
        for key in ((service.pk, severity), (service.pk, ""), (None, severity), (None, "")):
            if key in self._by:
                return self._policies[self._by[key]]
        return self._default


def policy(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """A policy with a step calls for each severity. Four queries."""
    known = Policies()
    found = {}
    for service in services:
        silent = [
            severity.value for severity in Severity if not _calls(known.of(service, severity), severity)
        ]
        found[service.pk] = (
            Result(
                "fail", _("Nobody is called for %(those)s") % {"those": ", ".join(silent)}, _policies_url()
            )
            if silent
            else Result("pass", str(known.of(service, WORST)), _policies_url())
        )
    return found


def cover(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """The rotas that its worst incidents call have somebody in the next 14 days, as it is written down: tier 1 around the
    clock, others in the hours of their agreement. Few queries, and two a calendar."""
    known, end = Policies(), now + AHEAD
    rotas_of = {service.pk: _rotas(known.of(service, WORST)) for service in services}
    written = _written({rota for those in rotas_of.values() for rota in those}, now, end)
    hours = _Hours(services, now)
    found = {}
    for service in services:
        those = rotas_of[service.pk]
        if not those:
            found[service.pk] = Result("fail", _("Its policy calls no rota"), _policies_url())
            continue
        there = union([stretch for rota in those for stretch in written.get(rota, [])])
        wanted = hours.of(service, now, end)
        gaps = [gap for gap in subtract(wanted, there) if gap.end - gap.start > _TOLERATED]
        found[service.pk] = _covered(service, gaps)
    return found


def drill(services: Sequence[Service], now: datetime) -> Mapping[int, Result]:
    """A fire drill was answered within 90 days. One query."""
    rows = FireDrill.objects.filter(
        service__in=[service.pk for service in services], acknowledged_at__isnull=False
    )
    newest = dict(rows.order_by().values_list("service").annotate(at=Max("started_at")))
    url = reverse("rotas:drills")
    found = {}
    for service in services:
        at = newest.get(service.pk)
        if at is None:
            found[service.pk] = Result("fail", _("Never drilled"), url)
        else:
            said = _("answered %(time)s ago") % {"time": duration((now - at).total_seconds())}
            found[service.pk] = Result("pass" if at >= now - DRILLED else "fail", said, url)
    return found


class _Hours:
    """The hours in which services must be covered; each calendar is read once."""

    def __init__(self, services: Sequence[Service], now: datetime) -> None:
        self._now = now
        self._versions = versions_for_all(services, now)
        self._known: dict[tuple[int, str], BusinessHours] = {}

    def of(self, service: Service, start: datetime, end: datetime) -> list[Interval[datetime]]:
        whole = [Interval(start, end)]
        version = self._versions[service.pk]
        if service.tier == Tier.T1 or version is None or version.calendar.always_open:
            return whole
        key = version.calendar_id, zone_of(version, service)
        if key not in self._known:
            self._known[key] = hours_of(version, service, self._now)
        return clip(calendars.open_intervals(self._known[key], start, end), start, end)


def _calls(found: EscalationPolicy | None, severity: str) -> bool:
    if found is None:
        return False
    return any(
        (not step.severities or severity in step.severities) and step.targets.all()
        for step in found.steps.all()
    )


def _rotas(found: EscalationPolicy | None) -> set[int]:
    kinds = {TargetKind.ON_CALL, TargetKind.NEXT_ON_CALL}
    if found is None:
        return set()
    return {
        target.rota_id
        for step in found.steps.all()
        if not step.severities or WORST in step.severities
        for target in step.targets.all()
        if target.kind in kinds and target.rota_id is not None
    }


def _written(rotas: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Interval[datetime]]]:
    rows = CoverRow.objects.filter(
        rota__in=list(rotas), ends_at__gt=start, starts_at__lt=end, user__isnull=False
    )
    found: dict[int, list[Interval[datetime]]] = {}
    for rota, begins, ends in rows.order_by().values_list("rota", "starts_at", "ends_at"):
        found.setdefault(rota, []).append(Interval(max(begins, start), min(ends, end)))
    return found


def _covered(service: Service, gaps: list[Interval[datetime]]) -> Result:
    url = reverse("rotas:coverage")
    if not gaps:
        around = service.tier == Tier.T1
        return Result("pass", _("around the clock") if around else _("in the agreed hours"), url)
    missing = duration(total(gaps).total_seconds())
    said = _("nobody for %(time)s of the next 14 days, first on %(day)s") % {
        "time": missing,
        "day": f"{gaps[0].start:%d %b %H:%M} UTC",
    }
    return Result("fail", said, url)


def _policies_url() -> str:
    return reverse("rotas:policies")
