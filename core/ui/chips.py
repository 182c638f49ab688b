"""Filters that are on, as sentences, each with the link that drops it: one row of chips for every list."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise

MOST = 80


@dataclass(frozen=True, slots=True)
class Chip:
    """`label` and `value` read together ("State is", "Open, On hold")."""

    label: str
    value: str
    remove_url: str


def url_with(params: QueryDict, **changes: str) -> str:
    """This list's query with some filters changed ("" drops one); always from its first page."""
    query = params.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


def chips(
    params: QueryDict, labels: Mapping[str, str | Promise], words: Mapping[str, str | Promise] | None = None
) -> list[Chip]:
    """The filters of `labels` (parameter → words) that are on. `words` says values in the reader's own."""
    said = words or {}
    return [
        Chip(
            str(label),
            ", ".join(str(said.get(value, value)) for value in params.getlist(name))[:MOST],
            url_with(params, **{name: ""}),
        )
        for name, label in labels.items()
        if params.get(name)
    ]
