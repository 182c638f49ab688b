"""A CSV file is read in bounded memory and time, whatever its quotes and its first line say."""

import io

import pytest

from integrations.sources.table import LONGEST_LINE, Bad, Table
from integrations.types import Row, Unreadable

ENDLESS = b'"\n' + b'","\n' * 1_000_000


def rows(data: bytes) -> list[tuple[int, dict[str, str] | str]]:
    """Each row's first line, and its cells or what is wrong with it."""
    return [
        (row.line, dict(row.cells) if isinstance(row, Row) else row.reason)
        for row in Table(io.BytesIO(data)).rows()
    ]


def refused(raw: io.BytesIO) -> str:
    with pytest.raises(Unreadable) as error:
        Table(raw)
    return str(error.value)


def test_a_row_without_an_end_is_read_no_further_than_its_limit():
    raw = io.BytesIO(b"a,b\n" + ENDLESS)
    first = next(Table(raw).rows())
    assert isinstance(first, Bad)
    assert (first.line, first.reason) == (2, "the row is longer than 1024 KiB (lines 2 to 262146)")
    assert raw.tell() <= LONGEST_LINE + 10


def test_what_follows_such_a_row_is_read():
    before = b'"' + b'\n","' * (LONGEST_LINE // 4) + b'\n","\n'
    assert rows(b"a,b\n" + before + b"1,2\n")[-1] == (LONGEST_LINE // 4 + 4, {"a": "1", "b": "2"})


def test_a_first_line_without_an_end_is_refused():
    raw = io.BytesIO(ENDLESS)
    assert refused(raw) == (
        "The first line, which names the columns, can't be read: the row is longer than 1024 KiB."
    )
    assert raw.tell() <= LONGEST_LINE + 10


def test_rows_are_measured_one_by_one():
    data = b"a,b\n" + b'1,"%b\ny"\n' % (b"x" * 100_000) * 20
    assert [row.line for row in Table(io.BytesIO(data)).rows() if isinstance(row, Row)] == list(
        range(2, 42, 2)
    )


@pytest.mark.timeout(30)
def test_a_first_line_of_very_many_names_takes_no_time():
    assert len(Table(io.BytesIO(b",".join(b"c%d" % n for n in range(120_000)))).columns) == 120_000


@pytest.mark.parametrize("empty", [",", ",,", ", ,,", "," * 1_000_000])
def test_empty_columns_at_the_end_are_none(empty: str):
    cells = {"a": "1", "b": "2"}
    data = f"a,b{empty}\n1,2\n1,2,\n1,2{empty}\n".encode()
    assert rows(data) == [(2, cells), (3, cells), (4, cells)]


def test_a_cell_below_such_a_column_is_not_lost():
    assert rows(b"a,b,,\n1,2,3,\n") == [(2, "4 columns, not 2")]


def test_a_row_wider_than_the_first_line_is_rejected():
    assert rows(b"a,b,\n1,2,,\n") == [(2, "4 columns, not 2")]


def test_a_name_twice_is_told():
    assert refused(io.BytesIO(b"b,a,b,c,c\n")) == "The first line names a column twice: b, c."
    many = b",".join(b"c%d" % (n // 2) for n in range(40))
    assert refused(io.BytesIO(many)) == (
        "The first line names a column twice: c0, c1, c10, c11, c12 and 15 more."
    )
    assert refused(io.BytesIO(b"a,,,b\n")) == "The first line leaves the names of several columns empty."
