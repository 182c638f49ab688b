"""A CSV file as rows, in bounded memory whatever it holds.

What one row does wrong rejects that row; what makes the file as a whole unusable (not UTF-8, torn gzip)
raises Unreadable. A line, record or field beyond the limits is never held: it is read past.
"""

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from integrations.types import Row, Unreadable

# Of a record too, which goes over several lines where quotes hold line breaks.
LONGEST_LINE = 1 << 20
LONGEST_FIELD = 128 * 1024
_GZIP = b"\x1f\x8b"
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Bad(Exception):
    """A row that can't be read. `line` is where it begins, `cells` what was understood of it."""

    def __init__(self, line: int, reason: str, cells: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.line, self.reason, self.cells = line, reason, cells


def opened(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where they are gzip. Raises Unreadable for what is no such file."""
    if path.is_dir():
        raise Unreadable(f"{path} is a folder; name the file in it.")
    if not path.is_file():
        raise Unreadable(f"{path} is not there, or is not a plain file.")
    try:
        with path.open("rb") as raw:
            head = raw.read(2)
        if not head:
            raise Unreadable(f"{path.name} is empty.")
        if head == _GZIP:
            return gzip.open(path, "rb")  # type: ignore[return-value]
        if path.suffix == ".gz":
            raise Unreadable(f"{path.name} is named .gz but is not gzip.")
        if head in _BOMS:
            raise Unreadable(f"{path.name} is {_BOMS[head]}. Save it as UTF-8.")
        return path.open("rb")
    except OSError as error:
        raise Unreadable(f"{path} can't be read: {error.strerror or error}.") from error


class _Lines:
    """Decoded lines, one at a time. It goes on after it raised, which a generator would not."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw, self.number = raw, 0
        self._held = 0

    def begin(self) -> None:
        """What comes now is another record."""
        self._held = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._read()
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = self._read()
            raise csv.Error(f"the line is longer than {LONGEST_LINE // 1024} KiB")
        self._held += len(line)
        if self._held > LONGEST_LINE:
            raise csv.Error(f"the row is longer than {LONGEST_LINE // 1024} KiB")
        if b"\0" in line:
            raise csv.Error("it holds a NUL byte")
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"Line {self.number} is not UTF-8 (byte 0x{line[error.start]:02x}, {error.start + 1} bytes into it). "
                "Save the file as UTF-8. Nothing was taken over."
            ) from error

    def _read(self) -> bytes:
        try:
            return self.raw.readline(LONGEST_LINE)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Unreadable(
                f"The gzip file is torn after line {self.number}: {error}. Nothing was taken over."
            ) from error
        except OSError as error:
            raise Unreadable(f"The file can't be read on: {error.strerror or error}.") from error


class Table:
    """The header of a CSV file, and its rows. Columns are trimmed; empty ones at the end are none."""

    def __init__(self, raw: IO[bytes], *, delimiter: str = ",") -> None:
        csv.field_size_limit(LONGEST_FIELD)
        self._lines = _Lines(raw)
        self._rows = csv.reader(self._lines, strict=True, delimiter=delimiter)
        try:
            header = [name.strip() for name in next(self._rows)]
        except StopIteration:
            raise Unreadable("The file is empty.") from None
        except csv.Error as error:
            raise Unreadable(f"The first line, which names the columns, can't be read: {error}.") from error
        self._width = len(header)
        while header and not header[-1]:
            header.pop()
        double = sorted(name for name, times in Counter(header).items() if times > 1)
        if double == [""]:
            raise Unreadable("The first line leaves the names of several columns empty.")
        if double:
            raise Unreadable(f"The first line names a column twice: {_few(list(filter(None, double)))}.")
        self.columns: tuple[str, ...] = tuple(header)

    def rows(self) -> Iterator[Row | Bad]:
        """Rows and, in their place, those that can't be read. Empty lines are nothing. Raises Unreadable."""
        while True:
            line = self._lines.number + 1
            self._lines.begin()
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield Bad(line, self._words(error, line))
                continue
            if not cells:
                continue
            if len(cells) <= self._width and not any(map(str.strip, cells[len(self.columns) :])):
                cells = cells[: len(self.columns)]  # columns without a name, which say nothing
            if len(cells) != len(self.columns):
                yield Bad(line, f"{len(cells)} columns, not {len(self.columns)}", cells)
            else:
                yield Row(line, dict(zip(self.columns, map(str.strip, cells), strict=True)))

    def _words(self, error: csv.Error, line: int) -> str:
        words = str(error)
        if "field limit" in words:
            words = f"a field is longer than {LONGEST_FIELD // 1024} KiB"
        elif "unexpected end" in words:
            words = "a quote is never closed"
        return f"{words} (lines {line} to {self._lines.number})" if self._lines.number > line else words


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(name[:40] for name in names[:5]) + more
