from collections.abc import Iterator

import pytest

from accounts.models import User
from rotas import subjects
from tests import make
from tests.rotas.make import Cases


@pytest.fixture
def cases() -> Iterator[Cases]:
    """A kind of thing to call people about, known while the test runs."""
    made = Cases()
    subjects.register("case", made)
    yield made
    subjects.unregister("case")


@pytest.fixture
def case(cases: Cases) -> int:
    """One thing that somebody is called about."""
    return cases.new()


@pytest.fixture
def amina() -> User:
    return make.user(name="Amina")


@pytest.fixture
def brian() -> User:
    return make.user(name="Brian")
