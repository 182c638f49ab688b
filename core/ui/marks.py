"""Marks, icons, faces: the small HTML that every page is sprinkled with.

Built from strings rather than templates because a board draws hundreds of them.
"""

from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

SEVERITIES: dict[str, Promise] = {
    "SEV1": _("Critical"),
    "SEV2": _("Major"),
    "SEV3": _("Minor"),
    "SEV4": _("Low"),
}
# incident state: (class, mark, word)
STATES: dict[str, tuple[str, str, Promise]] = {
    "new": ("open", "open", _("New")),
    "acknowledged": ("ack", "ack", _("Acknowledged")),
    "investigating": ("inv", "inv", _("Investigating")),
    "on_hold": ("hold", "hold", _("On hold")),
    "mitigated": ("mit", "mit", _("Mitigated")),
    "resolved": ("done", "done", _("Resolved")),
    "closed": ("closed", "closed", _("Closed")),
    "cancelled": ("closed", "cancelled", _("Cancelled")),
}
HEALTHS: dict[str, Promise] = {
    "bad": _("Broken"),
    "watch": _("Watch"),
    "ok": _("Well"),
    "off": _("Unknown"),
}
HUES = frozenset({"ktm", "nbo", "bog"})


@lru_cache(maxsize=512)
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An outline icon of the sprite. `size` "sm" is 14 px. Silent for a voice unless `label` is given."""
    classes = "i i-sm" if size == "sm" else "i"
    href = f"{static('core/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@lru_cache(maxsize=64)
def mark(name: str, css: str = "") -> SafeString:
    """One of our own marks (severity, state, health, logo). Its word must stand beside it."""
    attributes = format_html(' class="{}"', css) if css else ""
    return format_html(
        '<svg{} aria-hidden="true"><use href="{}#{}"/></svg>', attributes, static("core/marks.svg"), name
    )


def severity(value: object, *, long: bool = False) -> SafeString:
    """Shape, then word, then colour. `value` is "SEV1" to "SEV4" (or 1 to 4); anything else is a ring."""
    code = str(getattr(value, "value", value) or "").upper()
    return _severity(f"SEV{code}" if code.isdigit() else code, long, get_language())


# `typed` below: what is marked safe is another text than the same unmarked.
@lru_cache(maxsize=64, typed=True)
def _severity(code: str, long: bool, _language: str | None) -> SafeString:
    number = code[3:] if code in SEVERITIES else "5"
    words = f"{code} {SEVERITIES[code]}" if long and code in SEVERITIES else code or gettext("No severity")
    return format_html('<span class="sev sev-{}">{}{}</span>', number, mark(f"sev{number}"), words)


def state(value: object, *, detail: str = "", boxed: bool = False) -> SafeString:
    """A dial that fills as the work goes on, and the word. `detail` says for whom it waits."""
    return _state(str(getattr(value, "value", value) or ""), str(detail), boxed, get_language())


@lru_cache(maxsize=512, typed=True)
def _state(key: str, detail: str, boxed: bool, _language: str | None) -> SafeString:
    css, shape, word = STATES.get(key, ("closed", "open", key))
    said = f"{word} · {detail}" if detail else str(word)
    box = " state-boxed" if boxed else ""
    return format_html('<span class="state state-{}{}">{}{}</span>', css, box, mark(shape), said)


def health(value: object, word: str = "") -> SafeString:
    """The health of a service: "bad", "watch", "ok" or "off" (unknown, planned, silent)."""
    key = str(getattr(value, "value", value) or "off")
    return _health(key if key in HEALTHS else "off", word, get_language())


@lru_cache(maxsize=256, typed=True)
def _health(key: str, word: str, _language: str | None) -> SafeString:
    return format_html(
        '<span class="health health-{}">{}{}</span>', key, mark(key), word or str(HEALTHS[key])
    )


def avatar(person: Any, *, size: str = "", writing: bool = False) -> SafeString:
    """Initials on the tint of the person's site. Nobody is a dashed ring. The name must stand beside it."""
    large = " av-lg" if size == "lg" else ""
    if not person:
        return SafeString(f'<span class="av av-none{large}" aria-hidden="true">?</span>')
    hue = str(getattr(person, "hue", "") or "")
    tint = f" av-{hue}" if hue in HUES else ""
    ring = " is-writing" if writing else ""
    return SafeString(
        f'<span class="av{tint}{large}{ring}" aria-hidden="true">{escape(person.initials)}</span>'
    )


def who(person: Any, *, short: bool = False, you: Any = None, size: str = "") -> SafeString:
    """Face and name. `short` keeps the first name; `you` is the reader, so that they find themselves."""
    if not person:
        nobody = escape(gettext("Nobody"))
        return SafeString(f'<span class="who">{avatar(None, size=size)}{nobody}</span>')
    name = str(getattr(person, "short_name", "") or person) if short else str(person)
    if you is not None and you == person:
        name = gettext("%(name)s, you") % {"name": name}
    return SafeString(f'<span class="who">{avatar(person, size=size)}<span>{escape(name)}</span></span>')
