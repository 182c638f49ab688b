"""`manage.py check_cases {sla,rota,drift} FILE`: runs a file of cases through the engines."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.cases import CHECKS, load, run


class Command(BaseCommand):
    """Prints each failing case and, last, `N passed, M failed`; exit status 1 when any failed."""

    help = "Check the time, rota or drift engine against a JSON file of cases. Needs no server."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Kind and file."""
        parser.add_argument("kind", choices=sorted(CHECKS))
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every row; raises `CommandError` when the file cannot be read."""
        try:
            rows = load(options["file"])
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        passed = failed = 0
        for outcome in run(options["kind"], rows):
            if outcome.passed:
                passed += 1
            else:
                failed += 1
                self.stdout.write(f"{outcome.id}: expected {outcome.expected}, got {outcome.got}")
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            raise SystemExit(1)
