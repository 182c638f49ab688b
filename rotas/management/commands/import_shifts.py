"""`manage.py import_shifts FILE --rota SLUG`: who is on call by a calendar, as overrides that take over."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.errors import Refused
from rotas.domain.ical_reading import MOST_BYTES
from rotas.domain.shift_import import ReadShifts, new_of, read_shifts, take_shifts
from rotas.domain.telling import span
from rotas.management.files import command_line, read_file
from rotas.models import Rota
from rotas.queries.visible import callable_people


class Command(BaseCommand):
    """Says what it would do; does it with --apply."""

    help = "Take shifts from an .ics file over into a rota. Without --apply nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, for which rota."""
        parser.add_argument("file", type=Path, help="a calendar, .ics")
        parser.add_argument("--rota", required=True, metavar="SLUG")
        parser.add_argument("--apply", action="store_true", help="write it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with a sentence for everything that can be said to people."""
        now = clock.now()
        rota = Rota.objects.filter(slug=options["rota"]).first()
        if rota is None:
            raise CommandError(f"There is no rota {options['rota']}.")
        text = read_file(options["file"], MOST_BYTES, "The calendar")
        try:
            read = read_shifts(rota, text, list(callable_people()), now=now)
            count = len(new_of(rota, read.shifts, now))
            self._tell(rota, read)
            if options["apply"]:
                count = take_shifts(
                    rota, read.shifts, actor=command_line(), now=now, reason="From an imported calendar"
                )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        done = "are made" if options["apply"] else "would be made; add --apply to make them"
        self.stdout.write(f"{len(read.shifts)} shifts, {len(read.unmatched)} events of nobody known.")
        self.stdout.write(f"{count} overrides {done}.")

    def _tell(self, rota: Rota, read: ReadShifts) -> None:
        for shift in read.shifts:
            names = ", ".join(user.name for user in shift.people)
            self.stdout.write(f"  {span(shift.start, shift.end, rota.zone)}  {names}")
        for event in read.unmatched:
            invited = f" ({', '.join(event.emails)})" if event.emails else ""
            when = span(event.start, event.end, rota.zone)
            self.stdout.write(f"  {when}  nobody here: {event.summary or 'without a title'}{invited}")
