"""Rooms of the sidebar."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_support
from core import nav
from runbooks.queries.lists import found, runbooks_visible_to


def _jumps(request: HttpRequest, q: str) -> Iterable[nav.Jump]:
    if not q:
        return []
    books = found(runbooks_visible_to(request.user), words=q).only("slug", "title")[:5]
    return [
        nav.Jump(
            book.title, reverse("runbooks:detail", args=[book.slug]), "book-2", book.ref, kind=_("Runbooks")
        )
        for book in books
    ]


nav.register(
    section="Know",
    order=30,
    label=_("Runbooks"),
    icon="book-2",
    url_name="runbooks:list",
    permission=is_support,
    key="k",
    covers=("runbooks:detail",),
)
nav.register_jumps(_jumps)
