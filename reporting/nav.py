"""Rooms of the sidebar."""

from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member
from core import nav
from reporting.rules import can_see_engines

nav.register(
    section="Now",
    order=0,
    label=_("Operations room"),
    icon="layout-dashboard",
    url_name="reporting:room",
    permission=is_member,
    key="r",
    phone=True,
    short=_("Room"),
)
nav.register(
    section="Learn",
    order=40,
    label=_("Numbers"),
    icon="report",
    url_name="reporting:numbers",
    permission=is_member,
    key="n",
)
nav.register(
    section="Keep",
    order=10,
    label=_("Engines"),
    icon="heart-rate-monitor",
    url_name="reporting:engines",
    permission=can_see_engines,
)
