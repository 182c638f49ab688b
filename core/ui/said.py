"""What the scripts say, in the reader's language: `said.js` reads it from the page.

Templates of words follow `core/ui/words.py`, so that a time is said alike before and after a script
refreshes it.
"""

from functools import lru_cache

from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Key → words, with `%(name)s` where a script puts something in."""
    return {
        "seconds": _("%(n)d s"),
        "minutes": _("%(n)d min"),
        "hours": _("%(h)d h"),
        "hours_minutes": _("%(h)d h %(m)02d"),
        "days": _("%(d)d d"),
        "days_hours": _("%(d)d d %(h)d h"),
        "late": _("%(time)s late"),
        "just_now": _("just now"),
        "ago": _("%(time)s ago"),
        "ahead": _("in %(time)s"),
        "new": _("%(n)d new"),
        "updated": _("Updated, show"),
        "theme": _("Theme: follows the system"),
        "theme_light": _("Theme: light"),
        "theme_dark": _("Theme: dark"),
        "undo": _("Undo"),
        "not_allowed": _("You may not do this."),
        "failed": _("That did not work. Reload the page and look."),
        "moment": _("One moment…"),
        "no_form": _("The form did not arrive."),
        "again": _("Try again"),
        "no_connection": _("No connection. Nothing was changed."),
    }


def block() -> SafeString:
    """The words as a data block: JSON that the browser never runs, so the strict policy lets it stand."""
    return _block(get_language())


@lru_cache(maxsize=16)
def _block(_language: str | None) -> SafeString:
    return json_script(words(), "said")
