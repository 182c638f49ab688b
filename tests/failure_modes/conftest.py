"""The rows borrow the fake thing to call people about, and the channel that does as the test says."""

from tests.notifications.conftest import email
from tests.rotas.conftest import cases

__all__ = ["cases", "email"]
