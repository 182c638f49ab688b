"""`manage.py issue_token EMAIL`: a key to the API, for scripts and service accounts."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.domain.tokens import SCOPES, issue
from accounts.models import User
from core import clock
from core.errors import Refused


class Command(BaseCommand):
    """Prints the token and nothing else."""

    help = "Print a new API token of that account; nobody can read it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and what it may do for how long."""
        parser.add_argument("email")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", action="append", choices=SCOPES, help="read, write; both unless told")
        parser.add_argument("--days", type=int, default=365, help="until it expires; 0 for never")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where nobody has that address or the account is closed."""
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        now = clock.now()
        expires_at = now + timedelta(days=options["days"]) if options["days"] else None
        try:
            _token, plain = issue(user, options["name"], options["scope"] or list(SCOPES), expires_at, now)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(plain)
