"""What the operations room draws many of: `{% load room %}`. Put together from strings, as many people poll it."""

from django import template
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString

from core.templatetags.ms import age
from core.ui import marks
from core.ui.sparkline import sparkline
from incidents.models import Incident
from reporting.types import Tile

register = template.Library()
_TILES = {"bad": (" is-bad", "bad"), "watch": (" is-watch", "now")}


@register.simple_tag
def tile(item: Tile) -> SafeString:
    """A service: its name, its worst truth, its last thirty days."""
    css, tone = _TILES.get(item.tone, ("", ""))
    slug, sentence = escape(item.slug), escape(item.sentence)
    return SafeString(
        f'<a class="tile{css}" href="{escape(item.url)}" title="{slug}: {sentence}"><b class="cut">{slug}</b>'
        f'{marks.health(item.tone, item.word)}<span class="truth cut">{sentence}</span>{sparkline(item.days, tone)}</a>'
    )


@register.simple_tag(takes_context=True)
def open_row(context: Context, incident: Incident) -> SafeString:
    """A line of the worst open incidents. Context: board_url."""
    ref, service = incident.ref, incident.service
    return SafeString(
        f'<tr id="row-{ref}" data-row><td>{marks.severity(incident.severity)}</td>'
        f'<td class="title"><a href="{escape(context["board_url"])}{ref}/">{escape(incident.title)}</a>'
        f"<small>{ref} · {escape(service.slug)} · {escape(service.client_name)}</small></td>"
        f'<td class="c-state">{marks.state(incident.state)}</td>'
        f'<td class="c-owner">{marks.who(incident.owner, short=True)}</td>'
        f'<td class="right num soft c-age">{age(context, incident.opened_at)}</td></tr>'
    )
