"""What pages of rotas draw and say."""

from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.ui.amounts import hours as hours_said
from core.zones import to_local
from rotas.domain.workload import Hours, Part, Strain
from rotas.queries.burden import Carried

register = template.Library()
WIDTH = 180


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
