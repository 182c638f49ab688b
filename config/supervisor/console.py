"""The calm console: one line a step, with its seconds; nothing else unless something is wrong."""

import contextlib
import sys
import time
from collections.abc import Iterator


class Console:
    """Prints for people. A closed terminal or pipe never stops the supervisor."""

    def __init__(self) -> None:
        with contextlib.suppress(AttributeError, ValueError):
            sys.stdout.reconfigure(errors="replace", line_buffering=True)  # type: ignore[union-attr]

    def line(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            print(text, flush=True)

    def warn(self, text: str) -> None:
        self.line(f"! {text}")

    @contextlib.contextmanager
    def step(self, label: str, *, announce: str = "") -> Iterator[None]:
        """`✓ label 1.2 s` once the block has ended well; `announce` is said before a long one."""
        if announce:
            self.line(f"… {announce}")
        begun = time.monotonic()
        yield
        self.line(f"✓ {label} {time.monotonic() - begun:.1f} s")
