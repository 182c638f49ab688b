"""`manage.py login_link EMAIL`: a one-time way in, for who is locked out or has no password."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.domain.links import make_link
from accounts.models import User
from core import clock
from core.errors import Refused


class Command(BaseCommand):
    """Prints the absolute URL and nothing else."""

    help = "Print a one-time sign-in URL; it works once, for 30 minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person's e-mail."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where nobody has that address or they may not sign in."""
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        try:
            token = make_link(user, now=clock.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        path = reverse("accounts:sign_in_link", kwargs={"token": token})
        self.stdout.write(settings.MAINSTAY_PUBLIC_URL + path)
