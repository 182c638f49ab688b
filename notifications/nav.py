"""The bell, and the rooms of messages."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import counts, nav
from notifications import rules
from notifications.queries.messages import unread


def _unread(request: HttpRequest) -> int:
    return counts.counted(request, "notifications:unread")


counts.register("notifications:unread", lambda asking: unread(asking.reader))
nav.register_bell("notifications:inbox", _unread)
nav.register_menu(order=15, label=_("Inbox"), icon="inbox", url_name="notifications:inbox")
nav.register(
    section="Keep",
    order=40,
    label=_("Outbox"),
    icon="send",
    url_name="notifications:outbox",
    permission=rules.can_see_outbox,
    covers=("notifications:outbox_message",),
)
