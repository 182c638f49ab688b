"""Rows that were left out, with the reason, in a CSV file beside the portal's own data."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

_SHOWN = 2_000


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
            self._writer.writerow(["line", "reason", "row as it was read"])
        self._writer.writerow([line, reason, *(cell[:_SHOWN] for cell in cells)])
