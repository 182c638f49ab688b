from collections.abc import Iterator

import pytest

from rotas import subjects
from tests.rotas.make import Cases


@pytest.fixture
def cases() -> Iterator[Cases]:
    """A kind of thing to call people about, known while the test runs."""
    made = Cases()
    subjects.register("case", made)
    yield made
    subjects.unregister("case")
