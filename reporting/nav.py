"""Rooms of the sidebar."""

from django.utils.translation import gettext_lazy as _

from accounts.rules import is_member
from core import nav

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
