"""What pages of rotas draw and say."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.ui.amounts import hours as hours_said
from core.zones import to_local
from rotas.domain.workload import Hours, Part, Strain
from rotas.queries.burden import Carried
from rotas.queries.week import Block

register = template.Library()
WIDTH = 180


@register.simple_tag
def strip_blocks(blocks: Sequence[Block], y: int, baseline: int) -> SafeString:
    """The blocks of one strip as SVG, `y` from its top, their letters on `baseline` (pixels).

    A quarter of ten rotas has four thousand blocks: a template's loop takes half a second for them. Places and styles come from
    `queries.week.Scale`, words from people.
    """
    drawn = []
    for block in blocks:
        drawn.append(
            f'<g><title>{escape(block.title)}</title><rect class="sh {block.css}" x="{block.x}" width="{block.width}"'
            f' y="{y}" height="28" rx="4"/>'
        )
        if block.text:
            letters = escape(block.text)
            drawn.append(f'<text x="{block.middle}" y="{baseline}" text-anchor="middle">{letters}</text>')
        drawn.append("</g>")
    return mark_safe("".join(drawn))


@register.simple_tag
def strip_lines(heads: Iterable[tuple[str, str, bool]], height: int) -> SafeString:
    """The beginnings of days (place, name, whether it is today's) as lines down a strip of so many pixels."""
    places = [place for place, _name, _today in heads]
    lines = (f'<line class="c-grid" x1="{place}" x2="{place}" y2="{height}"/>' for place in places)
    return mark_safe("".join(lines))


@register.filter
def part_hours(hours: Hours, part: Part) -> str:
    """The time of one part of the day; a dash for none."""
    return hours_said(hours.of(part)) if hours.of(part) else "–"


@register.simple_tag
def load_bar(each: Carried, most: float) -> SafeString:
    """A person's load as a bar, with a mark where their share lies."""
    scale = WIDTH / most if most else 0
    load, target = each.load * scale, each.target * scale
    css = "c-watch" if each.over > 0.15 * max(each.target, 1) else "c-calm"
    said = _("%(load)s weighted hours of %(target)s") % {
        "load": f"{each.load:.0f}",
        "target": f"{each.target:.0f}",
    }
    return format_html(
        '<svg class="load" width="{}" height="16" role="img" aria-label="{}"><title>{}</title>'
        '<rect class="load-track" width="{}" height="8" y="4" rx="4"/><rect class="{}" width="{}" height="8" y="4" rx="4"/>'
        '<line class="load-share" x1="{}" x2="{}" y1="1" y2="15"/></svg>',
        WIDTH, said, said, WIDTH, css, f"{load:.1f}", f"{target:.1f}", f"{target:.1f}",
    )  # fmt: skip


@register.simple_tag
def strain_words(strain: Strain, zone: str) -> str:
    """What is too much, and when: "9 h rest on 12 Mar, 11 h wanted"."""
    start = to_local(strain.start, zone)
    words = {
        "rest": _("%(much)s rest from %(day)s, at least %(limit)s"),
        "days": _("%(much)s days in a row from %(day)s, at most %(limit)s"),
        "week": _("%(much)s in seven days from %(day)s, at most %(limit)s"),
    }[strain.kind]
    if strain.kind == "days":
        much, limit = f"{strain.much:.0f}", f"{strain.limit:.0f}"
    else:
        much, limit = (hours_said(timedelta(hours=each)) for each in (strain.much, strain.limit))
    return words % {"much": much, "limit": limit, "day": f"{start.day} {start:%b}"}
