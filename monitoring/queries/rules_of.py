"""Alerts of one rule at the source: they share its key, whatever other labels each has."""

from django.db.models import QuerySet

from monitoring.choices import AlertStatus, SignalSeverity
from monitoring.models import Alert
from monitoring.types import RULE_LABEL, VANISHED

_WORST = (SignalSeverity.CRITICAL, SignalSeverity.WARNING, SignalSeverity.INFO)


def of_rule(alert: Alert) -> QuerySet[Alert]:
    """The other alerts of this alert's rule; none where it names no rule. Served by the index on labels."""
    rule = alert.labels.get(RULE_LABEL)
    if not rule:
        return Alert.objects.none()
    same = Alert.objects.filter(integration=alert.integration_id, labels__contains={RULE_LABEL: rule})
    return same.exclude(pk=alert.pk)


def worst_severity(alert: Alert) -> str:
    """The most urgent severity that this alert's rule is known by. One that lost its labels forgot its own."""
    known = {alert.severity, *of_rule(alert).order_by().values_list("severity", flat=True).distinct()}
    return next((severity for severity in _WORST if severity in known), alert.severity)


def is_over(alert: Alert) -> bool:
    """Whether an alert is well again, not only unseen.

    One whose series vanished is well once its rule sees again: an alert of that rule which never fired,
    only said “no data”, ended later.
    """
    if alert.status != AlertStatus.RESOLVED:
        return False
    if alert.resolve_reason not in VANISHED:
        return True
    return (
        of_rule(alert)
        .filter(status=AlertStatus.RESOLVED, episodes=0, event_at__gte=alert.event_at)
        .exclude(resolve_reason__in=VANISHED)
        .exists()
    )
