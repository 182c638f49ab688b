"""What the importing commands share: a file read within bounds, whose import it is."""

import getpass
from pathlib import Path

from django.core.management.base import CommandError

from core.types import Actor


def read_file(path: Path, most: int, what: str) -> bytes:
    """The file's bytes. Raises CommandError where it can't be read, or is bigger than `most` bytes (said before it is read)."""
    try:
        size = path.stat().st_size
        if size > most:
            raise CommandError(f"{what} is bigger than {most // 1024 // 1024} MB. Export less at a time.")
        with path.open("rb") as raw:
            return raw.read(most + 1)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}.") from error


def command_line() -> Actor:
    """Whoever started the command, for the audit trail."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "unknown"
    return Actor(kind="system", name=f"{account} (command line)")
