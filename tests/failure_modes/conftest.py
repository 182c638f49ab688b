"""The rows borrow the fake thing to call people about."""

from tests.rotas.conftest import cases

__all__ = ["cases"]
