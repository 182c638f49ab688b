"""Components as they stand in a template."""

from datetime import timedelta
from typing import Any

from django import forms
from django.template import Context, Template
from django.utils import translation

from core.ui import marks
from core.ui.charts import StackRow, stack_chart
from core.ui.samples import GRACE
from core.ui.slabar import sla_bar
from tests.core.ui import NOW


def draw(source: str, **context: Any) -> str:
    return Template("{% load ms %}" + source).render(Context({"now": NOW, **context}))


def test_severity_is_shape_then_word_then_colour() -> None:
    html = marks.severity("SEV2", long=True)
    assert html.startswith('<span class="sev sev-2"><svg aria-hidden="true"><use href="')
    assert html.endswith('#sev2"/></svg>SEV2 Major</span>')
    assert marks.severity(2) == marks.severity("SEV2")


def test_every_state_has_its_own_word_and_mark() -> None:
    assert len({(mark, str(word)) for _css, mark, word in marks.STATES.values()}) == 8


def test_a_state_says_for_whom_it_waits() -> None:
    assert draw('{% state "on_hold" detail="client" %}').endswith("On hold · client</span>")


def test_nobody_is_a_dashed_ring_with_a_name() -> None:
    assert draw("{% who nobody %}", nobody=None) == (
        '<span class="who"><span class="av av-none" aria-hidden="true">?</span>Nobody</span>'
    )


def test_readers_find_themselves() -> None:
    assert "Grace, you</span>" in draw("{% who grace short=True you=True %}", grace=GRACE, user=GRACE)
    assert "you" not in draw("{% who grace short=True you=True %}", grace=GRACE, user=None)


def test_what_people_wrote_is_escaped() -> None:
    assert "<i>" not in draw('{% chip "State" value %}{% state value %}{% tag value %}', value="<i>")


def test_a_time_is_relative_with_the_absolute_behind_it() -> None:
    html = draw('{% ago at zone="Africa/Nairobi" %}', at=NOW - timedelta(minutes=4))
    assert html == (
        '<time datetime="2026-11-23T16:34:00Z" title="Mon 23 Nov 2026, 19:34 EAT · 16:34 UTC" data-rel="ago">4 min ago</time>'
    )
    assert draw("{% ago at %}{% when at %}{% age at %}{% until at %}", at=None) == ""


def test_a_promise_counts_in_the_browser_only_while_it_counts() -> None:
    counting = sla_bar(NOW - timedelta(hours=1), NOW + timedelta(hours=1), NOW, name="Resolve")
    met = sla_bar(NOW - timedelta(hours=1), NOW + timedelta(hours=1), NOW, met_at=NOW, name="Resolve")
    assert 'data-due="2026-11-23T17:38:00+00:00"' in draw("{% promise bar %}", bar=counting)
    assert "data-due" not in draw("{% promise bar %}", bar=met)


def test_a_notice_keeps_its_markup_but_not_its_readers() -> None:
    html = draw('{% notice "bad" %}<b>{{ said }}</b>{% endnotice %}', said="<i>")
    assert "<b>&lt;i&gt;</b>" in html


class _Form(forms.Form):
    title = forms.CharField(help_text="A sentence.")


def test_a_field_ties_help_and_error_to_its_control() -> None:
    html = draw("{% field form.title %}", form=_Form(data={}))
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_pager_shows_only_neighbours_that_exist() -> None:
    assert draw("{% pager page %}", page={"next_url": "", "previous_url": ""}).strip() == ""
    assert 'rel="next"' in draw("{% pager page %}", page={"next_url": "?cursor=b", "previous_url": ""})


def test_numbers_of_a_drawing_keep_their_point_in_every_language() -> None:
    chart = stack_chart([StackRow("w", (1, 0, 2, 0))], title="t", sentence="s", height=137)
    with translation.override("de"):
        drawing = draw("{% chart_stack chart %}", chart=chart).split("<svg")[-1].split("</svg>")[0]
    assert 'y="' in drawing
    assert "," not in drawing
