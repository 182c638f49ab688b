"""Who was on call at any instant of the history, read once."""

from bisect import bisect_right
from datetime import datetime

from accounts.models import User
from rotas.models import Rota
from rotas.queries.oncall import Cover, final


class Duty:
    """The final schedules of the L1 and L2 rotas between two instants."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._covers: dict[str, list[Cover]] = {
            rota.level: final(rota, start, end) for rota in Rota.objects.filter(slug__in=["l1-sun", "l2-sun"])
        }
        self._starts = {level: [cover.start for cover in covers] for level, covers in self._covers.items()}

    def who(self, level: str, at: datetime) -> User | None:
        """The first person on call of that level; None in a gap."""
        index = bisect_right(self._starts[level], at) - 1
        users = self._covers[level][index].users if index >= 0 else ()
        return users[0] if users else None
