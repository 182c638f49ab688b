from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from incidents.domain import checking


class Command(BaseCommand):
    help = "Tell all promises that count, or ended since the last look, again from their timelines; says which differ."

    def handle(self, *args: Any, **options: Any) -> None:
        made = checking.check(clock.now())
        self.stdout.write(
            f"{made.checked:,} promises looked at, {made.drifted:,} are not what their timeline makes them."
        )
        for each in made.found:
            self.stdout.write(f"{each['incident']} {each['kind']}: {', '.join(each['fields'])}")
