"""Rooms of the sidebar."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import nav
from monitoring import rules
from monitoring.queries.alerts import firing_count
from monitoring.queries.deliveries import parked_count


def _alerts_badge(request: HttpRequest) -> nav.Badge | None:
    count = firing_count(request.user)
    return (count, "") if count else None


def _parked_badge(request: HttpRequest) -> nav.Badge | None:
    count = parked_count()
    return (count, "bad") if count else None


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
