"""Rooms of the sidebar."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member
from core import nav
from services.filters import ServiceFilter
from services.queries.visible import services_visible_to
from services.rules import can_read_readiness, can_read_terms


def _jumps(request: HttpRequest, q: str) -> Iterable[nav.Jump]:
    if not q:
        return []
    found = ServiceFilter({"search": q}, services_visible_to(request.user).select_related("client")).qs[:5]
    return [
        nav.Jump(
            service.slug,
            reverse("services:detail", args=[service.slug]),
            "box",
            service.client_name,
            kind=_("Services"),
        )
        for service in found
    ]


nav.register(
    section="Know",
    order=10,
    label=_("Services"),
    icon="box",
    url_name="services:list",
    permission=is_member,
    key="s",
    phone=True,
    covers=("services:detail", "services:boundaries"),
)
nav.register(
    section="Know",
    order=12,
    label=_("Operating model"),
    icon="sitemap",
    url_name="services:operating_model",
    permission=can_read_terms,
    covers=("services:operating_model_version", "services:template_matrix"),
)
nav.register(
    section="Know",
    order=14,
    label=_("Standards"),
    icon="clipboard-check",
    url_name="services:standards",
    permission=can_read_readiness,
    covers=("services:readiness",),
)
nav.register(
    section="Know",
    order=13,
    label=_("Agreements"),
    icon="contract",
    url_name="services:agreements",
    permission=can_read_terms,
    covers=(
        "incidents:terms",
        "services:agreement",
        "services:agreement_diff",
        "services:agreement_try",
        "services:agreement_publish",
    ),
)
nav.register(
    section="Know",
    order=11,
    label=_("Objectives"),
    icon="target-arrow",
    url_name="services:objectives",
    permission=is_member,
    covers=("services:objective", "services:openslo", "services:maintenance", "services:uptime"),
)
nav.register_jumps(_jumps)
