"""A row of the catalogue: it follows what it shows, and names are text."""

from dataclasses import replace

import pytest
from django.utils.html import escape

from core.ui.marks import mark
from services.queries.page import Listed, Row
from services.types import Truth
from services.ui.rows import body

SCORER = Listed(1, "scorer", "Fraud scorer", 2, "batch", "live", "production", "Lumen", "L1 support")
BROKEN = Truth("bad", "Impaired", "Scores late", "/incidents/INC-42/")
HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def test_a_row_says_what_it_is_how_it_is_and_whose():
    assert body([Row(SCORER, BROKEN)]) == (
        '<tr data-row><td class="title"><a href="/services/scorer/">Fraud scorer</a>'
        '<small>scorer<span class="only-phone"> · Lumen</span></small></td>'
        f'<td class="c-how"><span class="health health-bad">{mark("bad")}Impaired</span>'
        '<small><a class="soft" href="/incidents/INC-42/" title="Scores late">Scores late</a></small></td>'
        '<td class="hide-phone">Lumen</td><td class="hide-phone num">T2</td><td class="hide-phone">Batch</td>'
        '<td class="hide-phone">L1 support</td></tr>'
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(SCORER, replace(BROKEN, sentence="Still late")), ">Still late<"),
        (Row(SCORER, Truth("ok", "Well")), ">Well<"),
        (Row(replace(SCORER, client=None), BROKEN), ">Internal<"),
        (Row(replace(SCORER, lifecycle="retired"), BROKEN), '<span class="ms-tag">Retired</span>'),
        (Row(replace(SCORER, environment="staging"), BROKEN), '<span class="ms-tag">Staging</span>'),
        (Row(replace(SCORER, kind="from-later"), BROKEN), ">from-later<"),
    ],
)
def test_what_changed_shows_at_once_though_the_row_is_remembered(row, words):
    assert words not in body([Row(SCORER, BROKEN)])
    assert words in body([row])
    assert words not in body([Row(SCORER, BROKEN)])


def test_what_people_wrote_is_text():
    hostile = replace(SCORER, name=HOSTILE, client=HOSTILE, team=HOSTILE)
    said = body([Row(hostile, replace(BROKEN, word=HOSTILE, sentence=HOSTILE))])
    assert ("<img" in said, said.count(escape(HOSTILE))) == (False, 7)
