"""`manage.py intake_url SOURCE [--service SLUG]`: prints the absolute intake URL and nothing else."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.errors import Refused
from core.types import SYSTEM
from monitoring.domain.integrations import find_or_create, intake_url
from services.models import Service


class Command(BaseCommand):
    help = "Print the URL to which a tool posts its alerts; makes the integration where there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="alertmanager, grafana or generic")
        parser.add_argument("--service", metavar="SLUG", help="where alerts go that name no service")

    def handle(self, *args: Any, **options: Any) -> None:
        service = None
        if options["service"]:
            service = Service.objects.filter(slug=options["service"]).first()
            if service is None:
                raise CommandError(f"There is no service “{options['service']}”.")
        try:
            integration = find_or_create(options["source"], service, actor=SYSTEM, now=clock.now())
        except Refused as error:
            raise CommandError(error.message) from None
        self.stdout.write(intake_url(integration))
