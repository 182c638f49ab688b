"""A number, then what it counts: pages of numbers are full of them."""

from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from core.ui.marks import severity


def figure(
    value: Any,
    label: object = "",
    *,
    url: str = "",
    small: object = "",
    sev: str = "",
    tone: str = "",
    phone: bool = True,
) -> SafeString:
    """The HTML of a figure; a link to its list where `url` is given. Stands in `.figures`.

    `small` follows the number, `sev` stands in for `label`, `tone` is bad, watch or ok, `phone` says whether a phone shows it.
    """
    element = f'a href="{escape(url)}"' if url else "div"
    css = f" ink-{tone}" if tone else ""
    beside = f" <small>{escape(small)}</small>" if small else ""
    said = severity(sev, long=True) if sev else escape(label)
    hidden = "" if phone else ' class="hide-phone"'
    return SafeString(
        f'<{element}{hidden}><b class="num{css}">{escape(value)}{beside}</b>{said}</{"a" if url else "div"}>'
    )
