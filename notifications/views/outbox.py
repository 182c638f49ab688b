"""What leaves the portal, left, or would have left."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import actor_of
from core.errors import NotAllowed
from core.http.now import request_now
from core.pagination import paginate
from core.ui.chips import Chip, chips
from notifications import rules
from notifications.channels.email import Letter, compose
from notifications.choices import Channel, MessageState
from notifications.domain.outgoing import preview_of
from notifications.domain.retrying import retry
from notifications.filters import OutboxFilter
from notifications.models import Message
from notifications.queries import messages as queries
from notifications.types import DeliveryError


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Messages by other ways than the inbox unless a channel is chosen, newest first."""
    _let_in(request)
    found = OutboxFilter(request.GET, queryset=queries.outbox_visible_to(request.user))
    rows = found.qs if request.GET.get("channel") else found.qs.exclude(channel=Channel.IN_APP)
    page = paginate(
        rows,
        queries.NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    context = {
        "page": page,
        "form": found.form,
        "chips": _chips(request.GET),
        "everybodys": rules.can_see_everybodys(request.user),
        "mail_goes": bool(settings.EMAIL_HOST),
    }
    fragment = request.headers.get("X-Live")
    template = "notifications/_outbox_rows.html" if fragment else "notifications/outbox.html"
    return render(request, template, context)


@require_GET
def outbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: what it says on its way, each attempt, what became of it."""
    _let_in(request)
    message = get_object_or_404(queries.outbox_visible_to(request.user), pk=pk)
    context = {
        "message": message,
        "outgoing": preview_of(message),
        "letter": _letter(message),
        "bundled": queries.bundled_with(message),
        "attempts": queries.attempts_of(message),
        "can_retry": message.state == MessageState.FAILED and rules.can_retry(request.user),
    }
    return render(request, "notifications/outbox_message.html", context)


@require_POST
def outbox_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a failed message tried again."""
    _let_in(request)
    message = get_object_or_404(queries.outbox_visible_to(request.user), pk=pk)
    if not rules.can_retry(request.user):
        raise NotAllowed(_("Leads have failed messages tried again. Ask one."))
    retry(message, actor=actor_of(request), now=request_now(request))
    messages.success(request, _("It is tried again now."))
    return redirect("notifications:outbox_message", pk=pk)


def _let_in(request: HttpRequest) -> None:
    if not rules.can_see_outbox(request.user):
        raise NotAllowed(_("The outbox is for the support team."))


def _letter(message: Message) -> Letter | None:
    """The e-mail as it goes; None for other channels and for an address that can't be written to."""
    if message.channel != Channel.EMAIL:
        return None
    try:
        return compose(preview_of(message))
    except DeliveryError:
        return None


def _chips(params: QueryDict) -> list[Chip]:
    """Filters that the form doesn't show, each with the URL that drops it."""
    return chips(params, {"about": _("About"), "urgency": _("Urgency"), "recipient": _("Person")})
