"""`manage.py import_event_log FILE`: the incident event log of a ServiceNow instance, as history."""

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from core.zones import UnknownZone, table
from integrations.choices import ImportKind
from integrations.domain.catalogue import Catalogue
from integrations.management.import_command import AHEAD, ImportCommand, Plan, matrix
from integrations.sources.event_log import DATE_FORMAT, missing
from integrations.sources.event_story import EventLog, Terms
from integrations.sources.values import moments
from integrations.types import Unreadable
from services.choices import Party


class Command(ImportCommand):
    """See docs/import.md."""

    help = (
        "Take over the incidents of a ServiceNow event log as history: nobody is called, nothing is counted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Beside what all imports take: whose it is."""
        super().add_arguments(parser)
        parser.add_argument(
            "--client", default="Imported", help="the client whose services are made; its name"
        )
        parser.add_argument(
            "--system", default="ServiceNow", help="the name under which its numbers are kept"
        )
        parser.add_argument("--zone", default="UTC", help="IANA zone of the log's times")

    def plan(self, options: Mapping[str, Any], columns: tuple[str, ...], now: datetime) -> Plan:
        """Raises Unreadable where columns are missing, CommandError for wrong options."""
        absent = missing(columns)
        if absent:
            raise Unreadable(f"This is no incident event log: it has no column {', '.join(absent)}.")
        client, system = options["client"].strip(), options["system"].strip()
        if not 0 < len(client) <= 30 or not 0 < len(system) <= 40:
            raise CommandError("--client takes a name of at most 30 characters, --system one of at most 40.")
        try:
            table(options["zone"])
        except UnknownZone:
            raise CommandError(
                f"{options['zone']} is not an IANA time zone, such as Africa/Nairobi."
            ) from None
        terms = Terms(
            system=system,
            client=client,
            team_party=Party(options["team_kind"]),
            matrix=matrix(),
            when=moments(DATE_FORMAT, options["zone"], now + AHEAD),
        )
        catalogue = Catalogue(client=client, team_kind=options["team_kind"], dry_run=options["dry_run"])
        return Plan(ImportKind.EVENT_LOG, system, EventLog(terms), False, catalogue)
