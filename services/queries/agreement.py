"""What is promised for a service: the terms that are stamped on the clocks of an incident."""

import logging
from datetime import datetime

from django.db.models import QuerySet

from core.calendars import BusinessHours
from services.choices import PromiseKind
from services.models import Agreement, AgreementTarget, BusinessCalendar, Service
from services.queries.hours import business_hours
from services.types import Terms

_log = logging.getLogger(__name__)
YEARS_BACK = 1
YEARS_AHEAD = 3


def terms_for(service: Service, severity: str, at: datetime) -> list[Terms]:
    """The promises for one severity of a service, acknowledge first; empty where nothing is promised.

    Those of its agreement, else of the default agreement. The hours know the holidays and exceptions from
    last year to three years on, counted from `at`. A calendar without any open weekday promises nothing: its
    clocks would never end. One query, and two for a calendar that is not 24×7.
    """
    targets = list(
        AgreementTarget.objects.filter(agreement__in=_agreements_of(service), severity=severity)
        .select_related("agreement__calendar")
        .order_by("kind")
    )
    if not targets:
        return []
    hours = hours_around(targets[0].agreement.calendar, at)
    if not any(hours.weekly):
        _log.warning("%s has no open weekday, so nothing is counted.", targets[0].agreement.calendar)
        return []
    return [terms_of(target, hours) for target in targets]


def hours_around(calendar: BusinessCalendar, at: datetime) -> BusinessHours:
    """The calendar's hours for what begins at `at`: holidays from last year to three years on."""
    return business_hours(calendar, year_from=at.year - YEARS_BACK, year_to=at.year + YEARS_AHEAD)


def terms_of(target: AgreementTarget, hours: BusinessHours) -> Terms:
    """One target as terms. A resolve clock always stops on hold, an acknowledge clock where agreed."""
    agreement = target.agreement
    return Terms(
        kind=target.kind,
        target_seconds=target.minutes * 60,
        warn_percent=agreement.warn_percent,
        agreement_name=agreement.name,
        pausable=target.kind == PromiseKind.RESOLVE or agreement.pausable_acknowledge,
        hours=hours,
    )


def agreement_of(service: Service) -> Agreement | None:
    """The agreement that counts for a service, with targets and calendar: its own, else the default."""
    return _agreements_of(service).select_related("calendar").prefetch_related("targets").first()


def _agreements_of(service: Service) -> QuerySet[Agreement]:
    if service.agreement_id:
        return Agreement.objects.filter(pk=service.agreement_id)
    return Agreement.objects.filter(is_default=True)
