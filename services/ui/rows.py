"""Rows of the catalogue as HTML, put together from strings; all that people wrote is escaped."""

from collections.abc import Iterable
from functools import lru_cache

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.types import Words
from core.ui import marks
from services.choices import (
    Environment,
    Lifecycle,
    environment_choices,
    kind_choices,
    lifecycle_choices,
    tier_choices,
)
from services.queries.page import Listed, Row
from services.types import Truth


def body(rows: Iterable[Row]) -> SafeString:
    """The rows, each with the worst that is known of it."""
    base = reverse("services:list")
    return SafeString("".join([_row(each.service, each.truth, base, get_language()) for each in rows]))


@lru_cache(maxsize=512)
def _row(service: Listed, truth: Truth, base: str, language: str | None) -> str:
    """One row: pure of what it is given."""
    client = escape(service.client or "Internal")

    def said(name: str, value: str | int) -> str:
        return _words(language).get((name, value), str(value))

    kind: str = escape(said("kind", service.kind))
    if service.lifecycle != Lifecycle.LIVE:
        kind += f' <span class="ms-tag">{escape(said("lifecycle", service.lifecycle))}</span>'
    if service.environment != Environment.PRODUCTION:
        kind += f' <span class="ms-tag">{escape(said("environment", service.environment))}</span>'
    return (
        f'<tr data-row><td class="title"><a href="{base}{service.slug}/">{escape(service.name)}</a>'
        f'<small>{escape(service.slug)}<span class="only-phone"> · {client}</span></small></td>'
        f'<td class="c-how">{marks.health(truth.tone, truth.word)}{_why(truth)}</td>'
        f'<td class="hide-phone">{client}</td><td class="hide-phone num">{escape(said("tier", service.tier))}</td>'
        f'<td class="hide-phone">{kind}</td><td class="hide-phone">{escape(service.team)}</td></tr>'
    )


def _why(truth: Truth) -> str:
    if not truth.url:
        return ""
    sentence = escape(truth.sentence)
    return f'<small><a class="soft" href="{escape(truth.url)}" title="{sentence}">{sentence}</a></small>'


@lru_cache(maxsize=8)
def _words(_language: str | None) -> dict[tuple[str, str | int], str]:
    """What the choices are called in the language that is spoken."""
    named: dict[str, Iterable[tuple[str | int, Words]]] = {
        "tier": tier_choices(),
        "kind": kind_choices(),
        "lifecycle": lifecycle_choices(),
        "environment": environment_choices(),
    }
    return {(name, value): str(label) for name, choices in named.items() for value, label in choices}
