"""One stack for all faults of a worker: its start is the dearest part."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from tests.faults import stack as stacks
from tests.faults.stack import Stack
from tests.faults.traffic import Traffic


@pytest.fixture(scope="session")
def _stack() -> Iterator[Stack]:
    with stacks.running() as running:
        yield running


@pytest.fixture
def stack(_stack: Stack) -> Iterator[Stack]:
    """The running stack; where a test before has left it ended, started again."""
    if _stack.run is None or _stack.run.process.poll() is not None:
        _stack.start()
    yield _stack


@pytest.fixture
def traffic(stack: Stack) -> Callable[..., AbstractContextManager[Traffic]]:
    """`with traffic() as sent:` alerts arrive; after the block all of them have been acknowledged."""
    return partial(Traffic, f"http://127.0.0.1:{stack.port}{stack.intake}")
