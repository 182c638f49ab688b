"""How far a long command is: a bar on a terminal, a line every few seconds elsewhere."""

from time import monotonic
from typing import IO

from tqdm import tqdm

_EVERY = 5.0


class Bar:
    """See integrations.domain.importing.Progress. `with Bar(stream) as bar`."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.is_terminal = stream.isatty()
        self._bar: tqdm | None = None
        self._words, self._total, self._said_at = "", 0, monotonic()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def stage(self, words: str, total: int) -> None:
        """A new part of the work, of so many steps."""
        self.__exit__()
        self._words, self._total = words, total
        if self.is_terminal:
            self._bar = tqdm(total=total, desc=words, file=self.stream, unit_scale=True, dynamic_ncols=True)

    def step(self, done: int) -> None:
        """So many of them are done."""
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif not self.is_terminal and monotonic() - self._said_at >= _EVERY:
            self._said_at = monotonic()
            share = f" ({100 * done // self._total} %)" if self._total else ""
            self.stream.write(f"{self._words}: {done} of {self._total}{share}\n")
            self.stream.flush()
