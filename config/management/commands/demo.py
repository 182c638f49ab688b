"""`manage.py demo`: load the demo organisation. A second run changes nothing."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from accounts.models import User
from config.demo import DEMO_LEAD, DEMO_PASSWORD
from config.demo.calling import load_calling, load_doors
from config.demo.catalogue import load_catalogue
from config.demo.elsewhere import REFUSAL, may_invent
from config.demo.history import load_history
from config.demo.live import load_live
from config.demo.objectives import load_objectives
from config.demo.operating import load_operating
from config.demo.people import load_people
from config.demo.planning import load_planning
from core import clock
from runbooks.demo import load as load_runbooks

_LOCK = 20_261_124


class Command(BaseCommand):
    help = "Load the demo organisation: people, services, rotas, four months of history, some incidents now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="also into a database that is not embedded")

    def handle(self, *args: Any, **options: Any) -> None:
        if not may_invent(force=options["force"]):
            raise CommandError(REFUSAL.format(what="people"))
        begun = monotonic()
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Two starts at once: the second waits, then finds everything there.
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            if User.objects.filter(email=DEMO_LEAD).exists():
                self.stdout.write("The demo organisation is there already; nothing changed.")
                return
            now = clock.now()
            self._step("People, sites and teams", lambda: load_people(now))
            self._step("Clients, services, calendars, agreements", lambda: load_catalogue(now))
            self._step("Rotas, policies and personal rules", lambda: load_calling(now))
            self._step("Integrations and routing", lambda: load_doors(now))
            self._step("Runbooks", lambda: load_runbooks(now))
            self._step("Four months of incidents", lambda: load_history(now))
            self._step("Incidents of this hour", lambda: load_live(now))
            self._step("Objectives and their error budgets", lambda: load_objectives(now))
            self._step("Plans, leave, swaps and drills", lambda: load_planning(now))
            self._step("Operating model, hand-offs, dependencies, standards", lambda: load_operating(now))
        self.stdout.write(
            f"Loaded in {monotonic() - begun:.1f} s. Sign in as {DEMO_LEAD}, password {DEMO_PASSWORD}"
        )

    def _step(self, name: str, load: Callable[[], Any]) -> None:
        begun = monotonic()
        made = load()
        count = f", {made}" if isinstance(made, int) else ""
        self.stdout.write(f"  {name}{count} ({monotonic() - begun:.1f} s)")
        self.stdout.flush()
