"""One's own inbox."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core.http.now import request_now
from core.pagination import paginate
from notifications.domain.reading import mark_all_read, mark_read
from notifications.queries import messages as queries


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Own messages, newest first; `?view=unread` keeps those that wait."""
    view = "unread" if request.GET.get("view") == "unread" else "all"
    rows = queries.inbox_of(request.user)
    page = paginate(
        rows.filter(read_at=None) if view == "unread" else rows,
        queries.NEWEST_FIRST,
        cursor=request.GET.get("cursor", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    unread = queries.unread(request.user).count()
    context = {
        "page": page,
        "view": view,
        "unread": unread,
        "newest": max((row.pk for row in page.items), default=0),
        "tabs_list": [
            {"label": _("All"), "url": reverse("notifications:inbox"), "here": view == "all", "count": None},
            {"label": _("Unread"), "url": "?view=unread", "here": view == "unread", "count": unread},
        ],
    }
    fragment = request.headers.get("X-Live")
    return render(
        request, "notifications/_inbox_rows.html" if fragment else "notifications/inbox.html", context
    )


@require_GET
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where the message leads; it counts as read."""
    message = get_object_or_404(queries.inbox_of(request.user), pk=pk)
    mark_read(message, now=request_now(request))
    leads_home = message.url.startswith("/") and url_has_allowed_host_and_scheme(
        message.url, allowed_hosts=None
    )
    return redirect(message.url if leads_home else reverse("notifications:inbox"))


@require_POST
def read_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Read without going there."""
    mark_read(get_object_or_404(queries.inbox_of(request.user), pk=pk), now=request_now(request))
    return _back(request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Read everything up to the newest message that was on the screen."""
    newest = request.POST.get("newest", "")
    up_to = int(newest) if newest.isascii() and newest.isdigit() and len(newest) < 19 else None
    count = mark_all_read(request.user, now=request_now(request), up_to=up_to)
    words = ngettext("%(n)s message marked as read.", "%(n)s messages marked as read.", count)
    messages.success(request, words % {"n": count})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    view = "?view=unread" if request.POST.get("view") == "unread" else ""
    return redirect(reverse("notifications:inbox") + view)
