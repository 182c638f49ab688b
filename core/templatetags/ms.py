"""The components of the portal: `{% load ms %}`.

Each draws one thing of the look; `/styleguide/` (with debugging on) shows them all.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Widget
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import clock
from core.ui import amounts, charts, constant, figures, marks, rooms, said, slabar, times, words
from core.ui import sparkline as lines
from core.ui.chips import Chip

register = template.Library()
PARTS = "core/components/"

register.simple_tag(marks.icon, name="icon")
register.simple_tag(marks.mark, name="mark")
register.simple_tag(marks.severity, name="severity")
register.simple_tag(marks.state, name="state")
register.simple_tag(marks.health, name="health")
register.simple_tag(marks.avatar, name="avatar")
register.filter("duration", words.duration)
register.filter("hours", amounts.hours)
register.filter("more_hours", amounts.more_hours)
register.filter("opening_time", amounts.opening_time)
register.simple_tag(words.duration, name="duration")
register.simple_tag(said.block, name="script_words")
register.simple_tag(words.left_or_late, name="left_or_late")
register.simple_tag(slabar.draw, name="promise")
register.simple_tag(figures.figure, name="figure")
register.simple_tag(rooms.sidebar, name="sidebar_rooms")
register.simple_tag(rooms.thumbs, name="thumb_rooms")
register.simple_tag(rooms.sheet, name="sheet_rooms")
register.simple_tag(constant.rendered, name="constant")


@register.simple_tag(takes_context=True)
def who(
    context: template.Context, person: Any, short: bool = False, you: bool = False, size: str = ""
) -> SafeString:
    """Face and name; with `you=True` the reader finds themselves."""
    return marks.who(person, short=short, you=context.get("user") if you else None, size=size)


def _now(context: template.Context) -> datetime:
    """The page's own instant (`now`), else the request's."""
    now = context.get("now")
    if isinstance(now, datetime):
        return now
    shell = context.get("shell")
    return shell.now if shell is not None else clock.now()


def _zone(context: template.Context, zone: str) -> str:
    if zone:
        return zone
    shell = context.get("shell")
    return shell.zone if shell is not None else "UTC"


@register.simple_tag(takes_context=True)
def ago(context: template.Context, at: datetime | None, zone: str = "") -> SafeString | str:
    """ "4 min ago", "in 12 min"; the absolute time on hover. Nothing for None."""
    return times.ago(at, _now(context), _zone(context, zone)) if at else ""


@register.simple_tag(takes_context=True)
def age(context: template.Context, at: datetime | None, zone: str = "") -> SafeString | str:
    """How old or how far away, without "ago": "1 h 32"."""
    return times.age(at, _now(context), _zone(context, zone)) if at else ""


@register.simple_tag(takes_context=True)
def when(
    context: template.Context, at: datetime | None, zone: str = "", hands: bool = False
) -> SafeString | str:
    """The absolute time in the reader's zone: "19:38 EAT". `hands` leaves day and zone to the title."""
    return times.when(at, _now(context), _zone(context, zone), hands=hands) if at else ""


@register.simple_tag(takes_context=True)
def letters(context: template.Context, zone: str = "", offset: bool = False) -> str:
    """What people call the zone (IANA; the reader's where none is given): "NPT", with `offset` "NPT · UTC+5:45"."""
    zone, now = _zone(context, zone), _now(context)
    said, away = words.zone_letters(zone, now), words.zone_offset(zone, now)
    return f"{said} · {away}" if offset and said != away else said


@register.simple_tag(takes_context=True)
def until(context: template.Context, due: datetime | None, seconds: bool = False) -> SafeString | str:
    """Counts down to `due` in the browser: "11 min", "3 h late"; `seconds` shows them under an hour."""
    if not due:
        return ""
    left = (due - _now(context)).total_seconds()
    stamp = due.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    extra = SafeString(" data-seconds") if seconds else ""
    return format_html('<b class="num" data-due="{}"{}>{}</b>', stamp, extra, words.left_or_late(left))


@register.inclusion_tag(PARTS + "chip.html")
def chip(label: str, value: str = "", remove_url: str = "", url: str = "") -> dict[str, str]:
    """A filter as a sentence: "State is open", with a link that removes it."""
    return {"label": label, "value": value, "remove_url": remove_url, "url": url}


@register.inclusion_tag(PARTS + "chips.html")
def filter_chips(items: Iterable[Chip]) -> dict[str, Any]:
    """Filters that are on (`core.ui.chips.chips`), each with its cross."""
    return {"items": items}


@register.inclusion_tag(PARTS + "carried.html")
def carried(params: QueryDict, *besides: str) -> dict[str, Any]:
    """The filters that are on as hidden fields, `besides` some: a form for one of them drops no other."""
    left_out = {"cursor", *besides}
    pairs = [(name, value) for name, values in params.lists() if name not in left_out for value in values]
    return {"pairs": pairs}


@register.inclusion_tag(PARTS + "tabs.html")
def tabs(items: Iterable[Any], label: str = "") -> dict[str, Any]:
    """Saved views with counts. Items have `label`, `url`, `here` and perhaps `count`."""
    return {"items": items, "label": label}


@register.inclusion_tag(PARTS + "pager.html")
def pager(page: Any, count: Any = None) -> dict[str, Any]:
    """Earlier and later pages of a keyset list (`previous_url`, `next_url`)."""
    return {"page": page, "count": count}


@register.simple_tag
def tag(label: str, tone: str = "") -> SafeString:
    """A word in a pill. `tone`: bad, watch, ok, here."""
    css = f" ms-tag-{tone}" if tone else ""
    return format_html('<span class="ms-tag{}">{}</span>', css, label)


@register.simple_block_tag(end_name="endempty_state")
def empty_state(
    content: str,
    title: str,
    text: str = "",
    *,
    verb_url: str = "",
    verb_label: str = "",
    verb_key: str = "",
    level: int = 2,
    draw: str = "",
) -> SafeString:
    """What this is for in two sentences, the first verb, then whatever stands between the tags.

    `draw` picks the drawing above: calm, bell, tray, lens, week; a list of steps without it.
    """
    return SafeString(
        render_to_string(
            PARTS + "empty.html",
            {
                "title": title,
                "text": text,
                "verb_url": verb_url,
                "verb_label": verb_label,
                "verb_key": verb_key,
                "level": level,
                "draw": draw,
                "content": SafeString(content.strip()),
            },
        )
    )


@register.simple_block_tag(end_name="endnotice")
def notice(content: str, tone: str = "", icon: str = "") -> SafeString:
    """What is wrong in bold, why, and the verb beside it (in `<span class="verbs">`). `tone`: bad, watch."""
    shape = icon or ("alert-triangle" if tone else "info-circle")
    css = f" notice-{tone}" if tone else ""
    return format_html(
        '<div class="notice{}">{}<div class="notice-body">{}</div></div>',
        css,
        marks.icon(shape),
        SafeString(content.strip()),
    )


@register.simple_tag
def sparkline(values: Sequence[float | None], tone: str = "", label: str = "") -> SafeString:
    """A day of a leading sign. `tone`: now (accent), bad, or "" (grey). Silent unless `label` is given."""
    return lines.sparkline(tuple(values), tone, label)


def _control_class(widget: Widget) -> str:
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return ""
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.inclusion_tag(PARTS + "field.html")
def field(
    bound: BoundField, label: str = "", placeholder: str = "", autofocus: bool = False
) -> dict[str, Any]:
    """Label, control, help and errors of a form field, tied together for voices."""
    widget = bound.field.widget
    group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    check = isinstance(widget, CheckboxInput)
    wrong = "is-invalid" if bound.errors else ""
    classes = (widget.attrs.get("class", ""), _control_class(widget), wrong)
    attributes = {"class": " ".join(filter(None, classes))}
    if placeholder:
        attributes["placeholder"] = placeholder
    if autofocus:
        attributes["autofocus"] = "autofocus"
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "label": label or bound.label,
        "group": group,
        "check": check,
    }


@register.inclusion_tag(PARTS + "form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with the form as a whole."""
    return {"errors": form.non_field_errors()}


@register.inclusion_tag(PARTS + "bars.html")
def bars(rows: Iterable[charts.BarRow], label: str = "") -> dict[str, Any]:
    """Horizontal bars with their numbers, each a link to its list."""
    return {"bars": charts.bar_lengths(list(rows)), "label": label}


@register.inclusion_tag(PARTS + "chart_stack.html")
def chart_stack(chart: charts.StackChart) -> dict[str, Any]:
    """Stacked columns (`core.ui.charts.stack_chart`), with their numbers as a table behind a link."""
    return {"chart": chart}


@register.inclusion_tag(PARTS + "chart_lines.html")
def chart_lines(chart: charts.LineChart) -> dict[str, Any]:
    """A line beside a grey one (`core.ui.charts.line_chart`), with their numbers as a table."""
    return {"chart": chart}
