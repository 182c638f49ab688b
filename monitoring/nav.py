"""Rooms of the sidebar."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import counts, nav
from monitoring import rules
from monitoring.queries.alerts import firing
from monitoring.queries.deliveries import parked


def _alerts_badge(request: HttpRequest) -> nav.Badge | None:
    count = counts.counted(request, "monitoring:firing")
    return (count, "") if count else None


def _parked_badge(request: HttpRequest) -> nav.Badge | None:
    count = counts.counted(request, "monitoring:parked")
    return (count, "bad") if count else None


counts.register("monitoring:firing", lambda asking: firing(asking.reader))
counts.register(
    "monitoring:parked", lambda asking: parked(asking.reader) if rules.can_run_intake(asking.reader) else None
)
nav.register(
    section="Now",
    order=40,
    label=_("Alerts"),
    icon="bell-ringing",
    url_name="monitoring:alerts",
    badge=_alerts_badge,
    permission=rules.can_see_alerts,
    key="a",
    covers=("monitoring:alert",),
)
nav.register(
    section="Keep",
    order=20,
    label=_("Integrations"),
    icon="plug",
    url_name="monitoring:integrations",
    permission=rules.can_run_intake,
)
nav.register(
    section="Keep",
    order=30,
    label=_("Parked intake"),
    icon="inbox",
    url_name="monitoring:parked",
    badge=_parked_badge,
    permission=rules.can_run_intake,
    covers=("monitoring:delivery",),
)
