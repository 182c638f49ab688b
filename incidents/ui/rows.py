"""Rows of the board as HTML: one place for the board, its live fragments and the answers of a row's verbs.

Put together from strings rather than by a template, because a board draws a hundred of them every few seconds. What depends on
no clock is remembered by everything that it shows, the reader's rights among it. All that people wrote is escaped.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.ui import marks, slabar, times
from core.ui.faces import Face
from incidents.choices import State
from incidents.queries.board import Group, Row


class Viewer(NamedTuple):
    """Who reads: their key, whether the verbs of rows are theirs, and the zone (IANA) in which they read times."""

    pk: int
    can_work: bool
    zone: str


class _Head(NamedTuple):
    """Everything that the part of a row shows which no clock moves. `taker` is the reader's key where they may take it, else 0."""

    ref: str
    key: int
    url: str
    severity: str
    title: str
    service: str
    client: str
    state: str
    waits_for: str
    owner: Face | None
    can_work: bool
    is_open: bool
    taker: int
    language: str | None


def body(groups: Iterable[Group], viewer: Viewer, now: datetime) -> SafeString:
    """The groups of a board, each with its heading where it has one."""
    parts = []
    for group in groups:
        parts.append("<tbody>")
        if group.label:
            parts.append(
                f'<tr class="group"><th colspan="7" scope="rowgroup">{escape(group.label)} '
                f'<span class="num">{len(group.rows)}</span></th></tr>'
            )
        parts += [row(each, viewer, now) for each in group.rows]
        parts.append("</tbody>")
    return SafeString("".join(parts))


def row(shown: Row, viewer: Viewer, now: datetime) -> SafeString:
    """One line of the board at `now`, with the verbs that the reader may use."""
    incident = shown.incident
    takes = viewer.can_work and incident.owner is None and incident.is_open
    head = _head(
        _Head(
            ref=incident.ref,
            key=incident.pk,
            url=shown.url,
            severity=incident.severity,
            title=incident.title,
            service=incident.service,
            client=incident.client,
            state=incident.state,
            waits_for=shown.waits_for,
            owner=incident.owner,
            can_work=viewer.can_work,
            is_open=incident.is_open,
            taker=viewer.pk if takes else 0,
            language=get_language(),
        )
    )
    promise = (
        slabar.draw(shown.bar) if shown.bar else f'<small class="faint">{escape(_("No promise"))}</small>'
    )
    return SafeString(
        f'{head}<td class="right num soft">{_age(shown, viewer.zone, now)}</td><td class="c-sla">{promise}</td>'
        f'<td class="c-last"><small>{escape(shown.last)}</small></td></tr>'
    )


def _age(shown: Row, zone: str, now: datetime) -> SafeString:
    """How long it has been open, or how long ago it ended where that is known."""
    incident = shown.incident
    ended = None if incident.is_open else incident.resolved_at or incident.closed_at
    return times.ago(ended, now, zone) if ended else times.age(incident.opened_at, now, zone)


@lru_cache(maxsize=2048)
def _head(it: _Head) -> str:
    """Severity, title, state and owner with their verbs: pure of what it is given."""
    fresh = " data-fresh" if it.state == State.NEW else ""
    return (
        f'<tr data-row id="inc-{it.key}"{fresh}><td>{marks.severity(it.severity)}</td>'
        f'<td class="title"><a href="{it.url}">{escape(it.title)}</a><small><span class="ref">{it.ref}</span> · '
        f"{escape(it.service)} · {escape(it.client or 'Internal')}</small></td>"
        f'<td><span class="inc-act">{marks.state(it.state, detail=it.waits_for.lower())}'
        f"{_acknowledge(it)}{_resolve(it)}</span></td>"
        f'<td><span class="inc-act">{marks.who(it.owner, short=True)}{_take(it)}</span></td>'
    )


def _acknowledge(it: _Head) -> str:
    if not it.can_work or it.state != State.NEW:
        return ""
    words = _('Ack<span class="visually-hidden">nowledge %(ref)s</span>') % {"ref": it.ref}
    return _verb(it, "acknowledge", f'data-key="a" data-key-label="{escape(_("Acknowledge"))}"', words)


def _resolve(it: _Head) -> str:
    if not it.can_work or not it.is_open:
        return ""
    words = _("Resolve %(ref)s") % {"ref": it.ref}
    return (
        f'<a class="visually-hidden" tabindex="-1" href="{it.url}#do-resolve" data-key="r" '
        f'data-key-label="{escape(_("Resolve"))}">{escape(words)}</a>'
    )


def _take(it: _Head) -> str:
    if not it.taker:
        return ""
    words = _("Take %(ref)s") % {"ref": it.ref}
    more = f'data-key="o" data-key-label="{escape(_("Own"))}" aria-label="{escape(words)}"'
    return _verb(it, "assign", more, escape(_("Take")), f' name="owner" value="{it.taker}"')


def _verb(it: _Head, verb: str, more: str, words: str, value: str = "") -> str:
    """A button that does it in place; without scripts by the form of the page."""
    url = f"{it.url}{verb}/"
    return (
        f'<button class="btn btn-plain btn-mini" type="submit"{value} form="row-verbs" formaction="{url}" '
        f'hx-post="{url}" hx-target="closest tr" hx-swap="outerHTML" {more}>{words}</button>'
    )
