"""Ends of processes, as the database hears of them: a moment later."""

from django.db import connection

from core import alive
from tests.patience import until


def lives(number: int) -> bool:
    """Whether the database knows the process of that number to be alive."""
    with connection.cursor() as cursor:
        cursor.execute(alive.LIVING)
        return number in {n for (n,) in cursor.fetchall()}


def end_ours() -> int:
    """This process's sign of life has ended, and the database knows; its number."""
    number = alive.number()
    alive.let_go()
    until(lambda: not lives(number), "its lock is given back", step=0.01)
    return number
