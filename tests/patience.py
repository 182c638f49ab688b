"""Waiting for facts, on machines that others keep busy too: what takes a second alone may take half a minute there."""

from collections.abc import Callable
from typing import Any

from config.supervisor.kernel import poll_until

DEADLINE = 240.0


def until(
    fact: Callable[[], Any], what: str | Callable[[], str], seconds: float = DEADLINE, step: float = 0.2
) -> None:
    """Wait for a fact; fail by its name."""
    came = poll_until(lambda: bool(fact()), seconds, step)
    assert came, f"not within {seconds:.0f} s: {what if isinstance(what, str) else what()}"
