"""What both importers share: options, one run from begin to end, and the words afterwards."""

import getpass
import hashlib
from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.choices import TeamKind
from accounts.models import User
from core import clock
from core.errors import Refused
from core.types import Actor, person
from incidents.domain.severity import DEFAULT_MATRIX
from incidents.models import SeverityRule
from integrations.choices import ImportKind, ImportState
from integrations.domain import importing
from integrations.domain.catalogue import Catalogue
from integrations.domain.rejects import Rejects, see_that_nothing_is_lost
from integrations.management.progress import Bar
from integrations.models import ImportRun
from integrations.sources.table import Table, opened
from integrations.types import Source, Unreadable
from services.choices import Severity

# Clocks of other systems run a little before ours; a history of tomorrow is a misread date.
AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a command makes of its options and the file's columns."""

    kind: ImportKind
    system: str
    source: Source
    one_row: bool
    catalogue: Catalogue


class ImportCommand(BaseCommand):
    """Parse, call, say. Subclasses tell which form of file it is."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What all imports take."""
        parser.add_argument("file", type=Path, help="CSV in UTF-8, or gzip of it (.csv.gz)")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, say what would be made")
        parser.add_argument(
            "--team-kind",
            choices=TeamKind.values,
            default=TeamKind.L2,
            help="what a team that is made stands for",
        )
        parser.add_argument(
            "--rejects", type=Path, help="where rejected rows go; below MAINSTAY_HOME unless told"
        )
        parser.add_argument("--as", dest="by", metavar="EMAIL", help="whose import it is; yours unless told")

    @abstractmethod
    def plan(self, options: Mapping[str, Any], columns: tuple[str, ...], now: datetime) -> Plan:
        """Raises Unreadable where the columns don't fit."""

    def delimiter(self, options: Mapping[str, Any]) -> str:
        """Raises Unreadable where the options are wrong in themselves."""
        return ","

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with a sentence for everything that can be said to people."""
        try:
            self._import(options)
        except (Unreadable, Refused) as error:
            raise CommandError(str(error)) from error
        except OSError as error:  # such as a rejects file that may not be written
            raise CommandError(f"{error.filename or 'A file'}: {error.strerror or error}.") from error

    def _import(self, options: Mapping[str, Any]) -> None:
        path, now = options["file"], clock.now()
        by, actor = _who(options["by"])
        delimiter = self.delimiter(options)
        with opened(path) as raw:
            table = Table(raw, delimiter=delimiter)
            plan = self.plan(options, table.columns, now)
            if options["rejects"]:
                inputs = [options["file"], *filter(None, [options.get("mapping")])]
                see_that_nothing_is_lost(options["rejects"], inputs)
            where = None if options["dry_run"] else options["rejects"] or _rejects_path(path, now)
            with importing.alone(), Rejects(where) as rejects, Bar(self.stderr._out) as bar:
                job = importing.Job(
                    plan.system,
                    plan.source,
                    plan.one_row,
                    plan.catalogue,
                    rejects,
                    bar,
                    now,
                    options["dry_run"],
                )
                run = ImportRun(kind=plan.kind, system=plan.system)
                if not job.dry_run:
                    run = importing.begin(
                        kind=plan.kind,
                        system=plan.system,
                        file_name=path.name,
                        digest=_digest(path),
                        by=by,
                        now=now,
                    )
                try:
                    self._work(run, job, table, size=path.stat().st_size, raw=raw, actor=actor)
                except KeyboardInterrupt:
                    raise CommandError(_go_on(run), returncode=130) from None
        self._tell(run, job)

    def _work(
        self, run: ImportRun, job: importing.Job, table: Table, *, size: int, raw: Any, actor: Actor
    ) -> None:
        packed = getattr(raw, "fileobj", None) or raw
        state, error = ImportState.DONE, ""
        try:
            importing.work(run, job, table, size, packed.tell)
        except BaseException as failure:
            state = ImportState.INTERRUPTED if isinstance(failure, KeyboardInterrupt) else ImportState.FAILED
            error = str(failure)
            raise
        finally:
            if not job.dry_run:
                run.refresh_from_db(fields=["incidents_made", "incidents_known"])  # what is committed
                importing.end(run, job, state, actor=actor, now=clock.now(), error=error)

    def _tell(self, run: ImportRun, job: importing.Job) -> None:
        would = "would be " if job.dry_run else ""
        made, known = run.incidents_made, run.incidents_known
        self.stdout.write(f"{run.rows_read} rows read, {job.rejects.count} rejected.")
        self.stdout.write(f"{made} incidents {would}taken over, {known} were here already.")
        for what, names in (("services", job.catalogue.made_services), ("teams", job.catalogue.made_teams)):
            if names:
                self.stdout.write(f"{len(names)} {what} {would}made: {_few(names)}.")
        if job.rejects.count:
            self.stdout.write(
                "Rejected: " + "; ".join(job.rejects.first) + (" …" if job.rejects.count > 5 else "")
            )
        if job.rejects.written_to:
            self.stdout.write(f"All of them stand in {job.rejects.written_to}.")


def matrix() -> dict[tuple[str, str], Severity]:
    """Severity by impact and urgency, as it stands today."""
    rules = SeverityRule.objects.values_list("impact", "urgency", "severity")
    return DEFAULT_MATRIX | {(impact, urgency): Severity(severity) for impact, urgency, severity in rules}


def _who(email: str | None) -> tuple[str, Actor]:
    if email is None:
        try:
            account = getpass.getuser()
        except (KeyError, OSError):
            account = "unknown"
        return account, Actor(kind="system", name=f"{account} (command line)")
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody active has the address {email}.")
    return user.email, person(user, via="command line")


def _go_on(run: ImportRun) -> str:
    return (
        f"Interrupted. {run.incidents_made} incidents are taken over; "
        "start the same import again and it goes on from there."
    )


def _rejects_path(path: Path, now: datetime) -> Path:
    plain = path.name.removesuffix(".gz").removesuffix(".csv")
    return Path(settings.HOME) / "imports" / f"{plain}-{now:%Y%m%d-%H%M%S}-rejects.csv"


def _digest(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
