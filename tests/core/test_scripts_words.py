"""What scripts say is translated on the server; nothing that people read stands in a script."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from core import nav
from core.ui import said, words
from core.ui.samples import samples
from tests.core.ui import NOW, request_of

SCRIPTS = sorted((Path(settings.BASE_DIR) / "core" / "static" / "core" / "js").glob("*.js"))
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.S)
# Names of classes, selectors, and errors that only programmers see.
UNREAD = re.compile(
    r"className\s*=\s*\"[^\"]*\"|new Error\([^)]*\)|(?:matches|closest|querySelector(?:All)?)\??\.?\(\"[^\"]*\""
)
LITERAL = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
CODE = re.compile(r"^;|[=\[\]{}#<>*]|^[a-z]+:|^\S*$")
KEYS = {"⌘ K", "⌘ ↵", "j k", "g "}


def read_by_people(text: str) -> list[str]:
    """Literals of a script with words in them: a blank or a capital, and no sign of a selector or an identifier."""
    code = UNREAD.sub("", COMMENT.sub("", text))
    found = []
    for groups in LITERAL.findall(code):
        literal = re.sub(r"\$\{[^}]*\}", "\x00", "".join(groups))
        if literal in KEYS or literal.replace("\x00", "") in KEYS:
            continue
        sentence = bool(re.search(r"[a-z]{2,}", literal, re.I)) and bool(re.search(r"\s", literal))
        beside_a_value = "\x00" in literal and bool(re.search(r"\s[a-z]+|[a-z]+\s", literal, re.I))
        single = bool(re.fullmatch(r"[A-Z][a-z]{2,}", literal)) and literal not in {"Enter", "Escape", "Date"}
        if single or ((sentence or beside_a_value) and not CODE.search(literal)):
            found.append(literal)
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_nothing_that_people_read_stands_in_a_script(path: Path) -> None:
    assert read_by_people(path.read_text()) == []


@pytest.mark.parametrize(
    "code",
    ['say("No connection. Nothing was changed.")', "`${n} new`", "`in ${time}`", 'let word = "Undo";'],
)
def test_the_search_would_have_found_it(code: str) -> None:
    assert len(read_by_people(code)) == 1


SAID = re.compile(r"said\(([^;]*?)\)(?:[;,. ]|$)", re.M)


def test_every_key_that_a_script_says_is_there_and_no_other() -> None:
    asked = {
        key
        for path in SCRIPTS
        for key in re.findall(r"\"([a-z_]+)\"", "".join(SAID.findall(path.read_text())))
    }
    assert asked == set(said.words())


def test_times_are_said_by_the_same_templates_on_both_sides() -> None:
    source = Path(words.__file__).read_text()
    there = set(re.findall(r"_\(\"(%\([^\"]*|just now|in %\([^\"]*)\"\)", source))
    assert there - {"less than a minute"} <= set(said.words().values())


def test_a_page_carries_the_words_as_data(monkeypatch) -> None:
    monkeypatch.setattr(nav, "registry", nav._Registry())
    html = render_to_string("core/components.html", samples(NOW), request_of("/styleguide/"))
    carried = re.search(r'<script id="said" type="application/json">(.*?)</script>', html)
    assert carried is not None
    assert json.loads(carried[1]) == said.words()


def test_the_words_are_those_of_the_readers_language(monkeypatch) -> None:
    monkeypatch.setattr(said, "_", lambda text: text.upper())
    assert said.words()["undo"] == "UNDO"
