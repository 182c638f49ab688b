"""Charts as numbers, before any drawing."""

import pytest

from core.ui.charts import (
    BarRow,
    StackRow,
    bar_lengths,
    duration_ceiling,
    line_chart,
    nice_ceiling,
    stack_chart,
)
from core.ui.sparkline import sparkline_path


@pytest.mark.parametrize(
    ("value", "top"), [(0, 2), (1, 2), (3, 4), (9, 10), (11, 12), (23, 24), (61, 80), (101, 120)]
)
def test_a_scale_ends_on_a_round_number_with_a_round_half(value: float, top: float) -> None:
    assert nice_ceiling(value) == top


@pytest.mark.parametrize(("seconds", "top"), [(0, 120), (130, 240), (4000, 7200), (90_000, 172_800)])
def test_a_scale_of_time_ends_on_a_round_length(seconds: float, top: float) -> None:
    assert duration_ceiling(seconds) == top


def test_columns_stack_from_the_floor_the_worst_first() -> None:
    chart = stack_chart(
        [StackRow("w1", (1, 0, 3, 0)), StackRow("w2", (0, 0, 0, 0))], title="t", sentence="s", height=136
    )
    assert (chart.base, [line.text for line in chart.grid]) == (114, ["2", "4"])
    first, second = chart.columns
    assert [(block.y, block.height, block.css) for block in first.blocks] == [
        (89.0, 25.0, "c-bar-bad"),
        (14.0, 75.0, "c-bar-watch"),
    ]
    assert (first.x, first.width, first.middle) == ("6.00%", "38.00%", "25.00%")
    assert second.blocks == ()


def test_a_year_of_columns_labels_only_some_and_always_the_last() -> None:
    chart = stack_chart([StackRow(str(n), (1, 1, 1, 1)) for n in range(52)], title="t", sentence="s")
    labels = [column.label for column in chart.columns if column.label]
    assert len(labels) == 13
    assert labels[-1] == "51"


def test_unknown_weeks_break_the_line_and_are_hatched() -> None:
    chart = line_chart(["a", "b", "c"], [2, None, 4], [4, None, 4], title="t", sentence="s", height=130)
    assert chart.gaps == (("25.00%", "50.00%"),)
    assert chart.now_path.count("M") == 2
    assert chart.rows[1] == ("b", "–", "–", "")


def test_end_labels_are_kept_a_line_apart() -> None:
    chart = line_chart(["a", "b"], [2, 4], [2, 4], title="t", sentence="s", height=130)
    (now_y, _now, _), (ref_y, _ref, _) = chart.ends
    assert now_y - ref_y >= 12


def test_a_chart_of_nothing_is_still_a_chart() -> None:
    assert line_chart([], [], [], title="t", sentence="s").now_path == ""
    assert stack_chart([], title="t", sentence="s").columns == ()


def test_series_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        line_chart(["a"], [1, 2], [1], title="t", sentence="s")


def test_bars_are_measured_against_the_longest() -> None:
    drawn = bar_lengths([BarRow("a", 50, tone="bad"), BarRow("b", 25, "25 %")])
    assert [(bar.width, bar.css, bar.said) for bar in drawn] == [
        ("100.0%", "c-bar-bad", "50"),
        ("50.0%", "c-bar-ref", "25 %"),
    ]


def test_a_sparkline_spans_its_box_and_lifts_the_pen_over_gaps() -> None:
    assert sparkline_path([0, 10], width=94, height=22) == "M0.0,20.5 L94.0,1.5"
    assert sparkline_path([0, None, 10, 5], width=90, height=22).count("M") == 2
    assert sparkline_path([5, 5], width=94, height=22) == "M0.0,11.0 L94.0,11.0"


def test_a_lone_reading_is_a_dash_and_nothing_known_is_nothing() -> None:
    assert sparkline_path([None, 3, None], width=90, height=22) == "M45.0,11.0 h22.5"
    assert sparkline_path([None, None]) == ""
    assert sparkline_path([]) == ""
