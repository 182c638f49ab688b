"""Small helpers for the pages of incidents."""

from django import template
from django.http import QueryDict

register = template.Library()


@register.filter
def filter_values(params: QueryDict, name: str) -> list[str]:
    """All values of a filter in the URL."""
    return params.getlist(name)
