"""The page of one incident in parts that are drawn by the dozen: its verbs and the lines of its timeline.

Put together from strings rather than by templates, as `core.ui.slabar` does it; whatever people wrote is escaped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.dateformat import format as date_words
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.ui.marks import avatar, icon
from core.ui.times import hands
from incidents.models import Entry
from incidents.queries.timeline import Line

register = template.Library()
_PLACES = 3  # verbs that stand in the bar of a phone, and so are hidden in the rail there


@dataclass(frozen=True, slots=True)
class VerbButton:
    """A verb on the page. `key` is pressed for it ("" for none), `dialog`: it asks something first, `rare`: stands apart."""

    name: str
    label: str
    key: str
    dialog: bool
    rare: bool


@register.simple_tag
def verb_grid(verbs: Iterable[VerbButton], ref: str) -> SafeString:
    """The verbs of the rail, the likely next one loud."""
    return _joined(
        _button(verb, ref, _css(place) + (" hide-phone" if place < _PLACES else ""), keyed=True)
        for place, verb in enumerate(verbs)
        if not verb.rare
    )


@register.simple_tag
def verb_rare(verbs: Iterable[VerbButton], ref: str) -> SafeString:
    """Those that are seldom needed, quietly."""
    return _joined(_button(verb, ref, "btn-quiet", keyed=True) for verb in verbs if verb.rare)


@register.simple_tag
def verb_bar(verbs: Sequence[VerbButton], ref: str) -> SafeString:
    """The first verbs for a phone: no keys there."""
    return _joined(_button(verb, ref, _css(place), keyed=False) for place, verb in enumerate(verbs[:_PLACES]))


def _css(place: int) -> str:
    return "btn-plain" if place else "btn-primary"


def _joined(parts: Iterable[str]) -> SafeString:
    return SafeString("\n".join(parts))


@lru_cache(maxsize=4096)
def _button(verb: VerbButton, ref: str, css: str, *, keyed: bool) -> str:
    """One that asks opens its dialog, and is the page of the verb without a script; the others are done at once."""
    url, label = reverse("incidents:act", args=[ref, verb.name]), escape(verb.label)
    key = f' data-key="{verb.key}" data-key-label="{label}"' if keyed and verb.key else ""
    kbd = f' <kbd class="hide-phone">{verb.key}</kbd>' if keyed and verb.key else ""
    if verb.dialog:
        does = f'form="ask-form" formaction="{url}" data-opens="do-{verb.name}"'
    else:
        does = f'form="verb-form" formaction="{url}" hx-post="{url}" hx-target="#rail" hx-swap="outerHTML"'
    return f'<button class="btn {css}" type="submit" {does}{key}>{label}{kbd}</button>'


@register.simple_tag(takes_context=True)
def timeline_lines(context: template.Context, lines: Iterable[Line]) -> SafeString:
    """All lines of the timeline for the reader of the page. Context: inside, user, zone."""
    reader = _Reader(context["user"].pk, context["zone"], context["inside"])
    return _joined(_DRAWN[line.form](line, reader) for line in lines)


@dataclass(frozen=True, slots=True)
class _Reader:
    pk: int
    zone: str
    inside: bool


_NOTHING = '<span aria-hidden="true"></span><span aria-hidden="true"></span>'


def _day(line: Line, reader: _Reader) -> str:
    return f'<li class="inc-day">{_NOTHING}<p class="tl-day">{date_words(line.day, "D j M Y")}</p></li>'


def _band(line: Line, reader: _Reader) -> str:
    party, begins = escape(line.party.lower()), hands(line.at, reader.zone)
    if line.until is not None:
        said = escape(_("On hold, waited for %(party)s")) % {"party": party}
        when = f"{begins} – {hands(line.until, reader.zone)}"
    else:
        said = escape(_("On hold, waits for %(party)s")) % {"party": party}
        when = f"{escape(_('since'))} {begins}"
    return f'<li class="tl-pause">{_NOTHING}<p class="band"><span>{said} · {when}</span></p></li>'


def _loud(line: Line, reader: _Reader) -> str:
    entry = _entry(line)
    who = _("You") if entry.actor_id == reader.pk else line.lead
    ours = line.shared and not line.outside
    tag = (
        f' <span class="ms-tag ms-tag-here">{escape(_("Client reads it"))}</span>'
        if ours and reader.inside
        else ""
    )
    css = (
        ' class="tl-client"'
        if line.outside
        else ' class="tl-shared"'
        if line.shared and reader.inside
        else ""
    )
    return (
        f'<li id="e{entry.pk}"{css}>{hands(line.at, reader.zone)}<span class="tl-dot">{avatar(entry.actor)}</span>'
        f'<div class="tl-loud"><header><b>{escape(who)}</b> {escape(_did(line, ours=ours))}{tag}</header>'
        f"{_said(line)}</div></li>"
    )


def _did(line: Line, *, ours: bool) -> str:
    if line.words:
        return line.words
    if line.href:
        return _("attached for the client") if ours else _("attached")
    if line.outside:
        return _("wrote")
    return _("wrote to the client") if line.shared else _("noted")


def _said(line: Line) -> str:
    if not line.href:
        return f'<p class="tl-say">{linebreaksbr(line.say)}</p>'
    host = f'<small class="faint">{escape(line.host)}</small>' if line.host != line.say else ""
    new_tab = f'<span class="visually-hidden"> {escape(_("(opens in a new tab)"))}</span>'
    return (
        f'<p class="tl-say"><a href="{escape(line.href)}" rel="noopener noreferrer" target="_blank">'
        f"{escape(line.say)}{new_tab}</a> {icon('external-link', 'sm')} {host}</p>"
    )


def _quiet(line: Line, reader: _Reader) -> str:
    entry = _entry(line)
    css = ' class="tl-client"' if line.outside else ""
    dot = icon(line.icon, "sm") if line.icon else ""
    lead = f"<b>{escape(line.lead)}</b> " if line.lead else ""
    return (
        f'<li id="e{entry.pk}"{css}>{hands(line.at, reader.zone)}<span class="tl-dot">{dot}</span>'
        f'<div class="tl-quiet">{lead}{escape(line.words)}{_also(line, reader)}</div></li>'
    )


def _also(line: Line, reader: _Reader) -> str:
    """Older lines like this one, folded."""
    if not line.also:
        return ""
    count = len(line.also)
    said = escape(ngettext("%(n)d similar line", "%(n)d similar lines", count) % {"n": count})
    older = "".join(
        f"<li>{hands(each.happened_at, reader.zone)} {escape(each.text)}</li>" for each in line.also
    )
    return (
        f'<details class="inc-fold" id="fold{_entry(line).pk}"><summary class="tl-fold">{said}</summary>'
        f'<ul class="stack-tight">{older}</ul></details>'
    )


def _entry(line: Line) -> Entry:
    if line.entry is None:  # days and bands, which are drawn by themselves
        raise ValueError("This line is no entry.")
    return line.entry


_DRAWN = {"day": _day, "band": _band, "loud": _loud, "quiet": _quiet}
