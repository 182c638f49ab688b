"""`manage.py import_csv FILE --mapping MAP`: any list of incidents, one row an incident."""

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.choices import ImportKind
from integrations.domain.catalogue import Catalogue
from integrations.management.import_command import AHEAD, ImportCommand, Plan, matrix
from integrations.sources.mapped import Mapped
from integrations.sources.mapping import read_mapping
from integrations.sources.values import moments
from integrations.types import Unreadable
from services.choices import Party


class Command(ImportCommand):
    """See docs/import.md."""

    help = "Take over incidents from a CSV file as history, by a mapping of its columns and words (TOML or JSON)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Beside what all imports take: the mapping."""
        super().add_arguments(parser)
        parser.add_argument(
            "--mapping", type=Path, required=True, help="which column is which field; TOML or JSON"
        )

    def delimiter(self, options: Mapping[str, Any]) -> str:
        """The mapping is read, and refused, before the file is."""
        return read_mapping(options["mapping"]).delimiter

    def plan(self, options: Mapping[str, Any], columns: tuple[str, ...], now: datetime) -> Plan:
        """Raises Unreadable where the mapping names columns that are not there."""
        mapping = read_mapping(options["mapping"])
        wrong = mapping.against(columns)
        if wrong:
            raise Unreadable(
                "\n".join(["The mapping doesn't fit the file:", *(f"  {line}" for line in wrong)])
            )
        when = moments(mapping.date_format, mapping.zone, now + AHEAD)
        catalogue = Catalogue(
            client=mapping.client,
            team_kind=options["team_kind"],
            make_services=mapping.create_services,
            make_teams=mapping.create_teams,
            own_only=False,
            dry_run=options["dry_run"],
        )
        source = Mapped(mapping, matrix(), Party(options["team_kind"]), when)
        return Plan(ImportKind.CSV, mapping.system, source, True, catalogue)
