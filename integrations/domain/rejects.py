"""Rows that were left out, with the reason, in a CSV file beside the portal's own data."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from core.errors import Refused

_SHOWN = 2_000
_HEAD = ("line", "reason", "row as it was read")


def see_that_nothing_is_lost(path: Path, inputs: Sequence[Path]) -> None:
    """Raises Refused where writing rejected rows to `path` would destroy an input, or any file but an earlier one of
    rejected rows. What is no plain file (/dev/null) holds nothing that could be lost."""
    if not path.is_file():
        return
    if any(one.exists() and path.samefile(one) for one in inputs):
        raise Refused(
            f"{path} is read by this import; rejected rows can't be written to it. Choose another --rejects."
        )
    with path.open("rb") as handle:
        begin = handle.read(100)
    if begin and begin.splitlines()[0] != ",".join(_HEAD).encode():
        raise Refused(f"{path} is there already and holds no rejected rows. Choose another --rejects.")


class Rejects:
    """`with Rejects(path) as rejects:`; the file is made with the first row and only then."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.count = path, 0
        self.first: list[str] = []
        self._handle: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.close()

    @property
    def written_to(self) -> str:
        """Where they stand; "" where there are none, or nobody wants them kept."""
        return str(self.path) if self._handle is not None else ""

    def add(self, line: int, reason: str, cells: Sequence[str]) -> None:
        """Keep a row that began in this line of the file. Cells are cut where they are very long."""
        self.count += 1
        if len(self.first) < 5:
            self.first.append(f"line {line}: {reason}")
        if self.path is None:
            return
        if self._handle is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._handle)
            self._writer.writerow(_HEAD)
        self._writer.writerow([line, reason, *(cell[:_SHOWN] for cell in cells)])
