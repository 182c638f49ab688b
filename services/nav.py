"""Rooms of the sidebar."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member
from core import nav
from services.filters import ServiceFilter
from services.queries.visible import services_visible_to


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
    covers=("services:detail",),
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
