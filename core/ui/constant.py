"""Fragments that say the same to everybody, rendered once for each language."""

from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def rendered(template: str) -> SafeString:
    """What `template` gives without any context. With debugging on it is rendered anew, so that its author sees what changed."""
    if settings.DEBUG:
        return render_to_string(template)
    return _rendered(template, get_language(), settings.STATIC_URL, get_script_prefix())


@lru_cache(maxsize=128)
def _rendered(template: str, _language: str | None, _static: str, _prefix: str) -> SafeString:
    return render_to_string(template)
