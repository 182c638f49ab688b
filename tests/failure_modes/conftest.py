"""The rows borrow the fake thing to call people about and its people, and the channel that does as the test says."""

from tests.notifications.conftest import email
from tests.rotas.conftest import amina, brian, case, cases

__all__ = ["amina", "brian", "case", "cases", "email"]
