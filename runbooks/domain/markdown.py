"""Markdown to HTML that can be trusted: rendered without raw HTML, then sanitised by nh3."""

from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_CHARACTERS = 100_000
_TAGS = {
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "em", "strong", "code", "pre", "blockquote", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td", "a", "s",
}  # fmt: skip
_HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6"}
_BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def render(body: str) -> str:
    """Safe HTML of a Markdown text: CommonMark, tables, struck-out words, boxes of a task list.

    Headings go one level down, because the page has its own h1. Images, raw HTML, scripts and any attribute
    but a link's address are dropped; a text longer than 100,000 characters is cut there.
    """
    tokens = _parser().parse(body[:MOST_CHARACTERS])
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = _HEADINGS.get(token.tag, "h6")
    _draw_boxes(tokens)
    html: str = _parser().renderer.render(tokens, _parser().options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _draw_boxes(tokens: Sequence[Token]) -> None:
    """An item that begins with [ ] or [x] shows a box. It is for reading: what is ticked are the steps."""
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (item.type, paragraph.type, inline.type) != ("list_item_open", "paragraph_open", "inline"):
            continue
        first = inline.children[0] if inline.children else None
        box = _BOXES.get(first.content[:4]) if first is not None else None
        if first is not None and first.type == "text" and box:
            first.content = box + first.content[4:]
