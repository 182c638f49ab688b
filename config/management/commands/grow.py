"""`manage.py grow N`: N more incidents of years gone by, for benchmarks and trials."""

import argparse
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.demo import SEED
from config.demo.elsewhere import REFUSAL, may_invent
from config.grow.load import Wish, analyse, grow
from config.grow.present import LONGEST_ARMED
from config.grow.world import NoWorld
from core import clock


def whole(text: str) -> int:
    """A number of zero or more; `100_000` and `100000` are the same."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a number of zero or more")
    return number


class Command(BaseCommand):
    help = (
        "Add N invented incidents to the demo organisation, spread over years and nearly all closed. "
        "Nothing is due because of them, and nobody is called."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=whole, metavar="N", help="how many incidents, open ones among them")
        parser.add_argument(
            "--open", type=whole, metavar="K", help="how many of them are open (300, or a tenth of N)"
        )
        parser.add_argument(
            "--long",
            type=whole,
            metavar="L",
            help="open ones with 2,000 lines and 200 alerts (1, or 0 below 1,000)",
        )
        parser.add_argument(
            "--armed",
            type=whole,
            default=0,
            metavar="M",
            help="besides, M open incidents with a clock that breaks; this calls people",
        )
        parser.add_argument(
            "--armed-from", type=whole, default=300, metavar="S", help="seconds until the first of them (300)"
        )
        parser.add_argument(
            "--armed-over",
            type=whole,
            default=3600,
            metavar="S",
            help="seconds from the first to the last (3600)",
        )
        parser.add_argument("--years", type=float, default=5, help="how far back (5)")
        parser.add_argument("--seed", type=int, default=SEED, help="the same seed tells the same stories")
        parser.add_argument("--force", action="store_true", help="also into a database that is not embedded")

    def handle(self, *args: Any, **options: Any) -> None:
        if not may_invent(force=options["force"]):
            raise CommandError(REFUSAL.format(what="incidents"))
        wish = _wish(options)
        begun = monotonic()
        total = wish.ended + wish.open + wish.long + wish.armed
        try:
            made = grow(wish, clock.now(), self._progress(total, begun))
        except NoWorld:
            raise CommandError("The demo organisation is missing: `manage.py demo` first.") from None
        self.stdout.write(f"{made:,} incidents in {monotonic() - begun:.1f} s. Reading what is there now …")
        self.stdout.flush()
        analyse(vacuum=not connection.in_atomic_block)
        self.stdout.write(f"Done in {monotonic() - begun:.1f} s")

    def _progress(self, total: int, begun: float) -> Callable[[int], None]:
        done, shown = 0, begun

        def told(more: int) -> None:
            nonlocal done, shown
            done += more
            at = monotonic()
            if at - shown >= 2:
                shown = at
                self.stdout.write(f"  {done:,} of {total:,} ({done / (at - begun):,.0f} a second)")
                self.stdout.flush()

        return told


def _wish(options: dict[str, Any]) -> Wish:
    count = options["count"]
    long = (1 if count >= 1_000 else 0) if options["long"] is None else options["long"]
    opened = min(300, count // 10) if options["open"] is None else options["open"]
    start, over = timedelta(seconds=options["armed_from"]), timedelta(seconds=options["armed_over"])
    if opened + long > count:
        raise CommandError("More open incidents than incidents.")
    if not 0.1 <= options["years"] <= 30:
        raise CommandError("--years is a number from 0.1 to 30.")
    if start + over > LONGEST_ARMED:
        raise CommandError("Armed clocks break within twelve hours.")
    return Wish(
        ended=count - opened - long,
        open=opened,
        long=long,
        armed=options["armed"],
        years=options["years"],
        seed=options["seed"],
        armed_from=start,
        armed_over=over,
    )
