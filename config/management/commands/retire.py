"""`manage.py retire`: let go of what has served its time, now; `--dry-run` only says what would go."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from config.retention import KINDS, Kind
from core import clock

_UNITS = ("B", "kB", "MB", "GB", "TB")


class Command(BaseCommand):
    help = "Let go of what has served its time, as housekeeping does by itself every ten minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        busy = []
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")  # counting a large table exactly takes a while
        for kind in KINDS:
            try:
                count, load = kind.going(now)
            except DatabaseError as error:
                self.stderr.write(f"{kind.name}: {error}".rstrip())
                busy.append(kind.name)
                continue
            self.stdout.write(f"{kind.name}: {_said(count, load.rows, load.size)}")
            if not options["dry_run"] and not self._drop(kind, now, load.rows):
                busy.append(kind.name)
        if options["dry_run"]:
            self.stdout.write("Nothing was changed. Without --dry-run all of this goes.")
        if busy:
            raise CommandError(f"Too busy just now: {', '.join(busy)}. Run it again.")

    def _drop(self, kind: Kind, now: datetime, rows: int) -> bool:
        """Everything of one kind; False where its table was too busy to lose a slice."""
        gone = 0
        try:
            while done := kind.drop(now):
                gone += done
                if self.stdout.isatty() and rows > done:
                    self.stdout.write(f"\r  {gone:,} of {rows:,}", ending="")
                    self.stdout.flush()
        except DatabaseError as error:
            self.stderr.write(f"  {error}".rstrip())
            return False
        finally:
            if self.stdout.isatty() and gone:
                self.stdout.write("")
        return True


def _said(slices: int, rows: int, size: int) -> str:
    if not slices:
        return f"{rows:,} rows" if rows else "nothing"
    return f"{slices} slice{'s' if slices > 1 else ''}, about {rows:,} rows, {_size(size)}"


def _size(size: float) -> str:
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:.0f} {unit}"
