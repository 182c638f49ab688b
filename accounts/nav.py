"""Rooms of the sidebar and the reader's own menu."""

from django.utils.translation import gettext_lazy as _

from accounts.rules import is_lead
from core import nav

nav.register(
    section="Keep",
    order=50,
    label=_("Audit trail"),
    icon="shield",
    url_name="accounts:audit",
    permission=is_lead,
)
nav.register_menu(order=10, label=_("My page"), icon="user", url_name="accounts:me")
nav.register_menu(order=20, label=_("Admin"), icon="settings", url_name="admin:index", permission=is_lead)
