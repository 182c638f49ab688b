"""Taking over a file: read all of it, then write its incidents batch by batch.

Nothing is written before the whole file was read and gone through once as a dry run, so a file that is torn,
misread or refused leaves nothing behind. Each batch is one transaction; keys that an earlier run has taken over
are passed by. So an import that was interrupted goes on by being started again, and a second import of the same
file changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Protocol

from django.db import connection, transaction

from accounts.domain import audit
from accounts.models import User
from core.copying import copy_in
from core.errors import IllegalState
from core.types import Actor
from incidents.domain.history import take_over
from incidents.models import Entry, Incident, PartyInterval
from integrations.choices import ImportState
from integrations.domain.catalogue import Catalogue
from integrations.domain.rejects import Rejects
from integrations.domain.spool import Spool
from integrations.models import ExternalRef, ImportRun
from integrations.sources.table import Bad, Table
from integrations.types import Found, Rejected, Row, Source

BATCH = 500
# A batch is held in memory: one of long histories ends earlier.
BATCH_ROWS = 20_000
# Of one incident: more are hardly one incident's, and its history is held in memory.
MOST_ROWS = 5_000
_LOCK = 7_221_904_161


class Progress(Protocol):
    """What an edge shows of how far it is."""

    def stage(self, words: str, total: int) -> None: ...

    def step(self, done: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """What to take over and how. `now` is the time of the import; `dry_run` writes nothing at all."""

    system: str
    source: Source
    one_row: bool
    catalogue: Catalogue
    rejects: Rejects
    progress: Progress
    now: datetime
    dry_run: bool = False


@contextmanager
def alone() -> Iterator[None]:
    """No other import runs meanwhile, in whatever process. Raises IllegalState where one does.

    The session's own limits on time don't hold here: a large file takes longer than a request may.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise IllegalState("Another import is running. Start this one again once it has ended.")
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")
                cursor.execute("RESET idle_in_transaction_session_timeout")
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def begin(*, kind: str, system: str, file_name: str, digest: str, by: str, now: datetime) -> ImportRun:
    """A new run. The caller is alone, so a run that seems to be at work was killed: it was interrupted."""
    dead = ImportRun.objects.filter(state=ImportState.RUNNING)
    dead.update(state=ImportState.INTERRUPTED, ended_at=now, error="Its process ended without a word.")
    return ImportRun.objects.create(
        kind=kind, system=system, file_name=file_name[-255:], digest=digest, by=by[:160], started_at=now
    )


def end(
    run: ImportRun, job: Job, state: ImportState, *, actor: Actor, now: datetime, error: str = ""
) -> None:
    """Write down how it went, on the run and on the audit trail."""
    run.state, run.ended_at, run.error = state, now, error[:500]
    run.rows_rejected, run.rejects_path = job.rejects.count, job.rejects.written_to
    run.save()
    audit.record(
        "import.run",
        actor=actor,
        now=now,
        subject_kind="importrun",
        subject_id=run.pk,
        subject_name=str(run),
        detail={
            "state": state,
            "system": run.system,
            "made": run.incidents_made,
            "known": run.incidents_known,
            "rejected": run.rows_rejected,
            "services": job.catalogue.made_services[:100],
            "teams": job.catalogue.made_teams[:100],
        },
    )


def work(run: ImportRun, job: Job, table: Table, size: int, position: Callable[[], int]) -> None:
    """Read the file, then take its incidents over; the counts are kept on `run`, batch by batch.

    `size` and `position` say how far the reading is. Raises Unreadable and Refused before anything was written.
    """
    with Spool(table.columns) as spool:
        job.progress.stage("Reading", size)
        spool.fill(_usable(run, job, table, position))
        if not job.dry_run:
            _check(job, spool)
        job.progress.stage("Taking over", spool.incidents)
        _each_batch(run, job, spool)
    if run.incidents_made and not job.dry_run:
        _analyze()


def _check(job: Job, spool: Spool) -> None:
    """Go through all incidents as a dry run does, so that what is refused is refused before the first batch."""
    trial = replace(job, catalogue=job.catalogue.trial(), rejects=Rejects(None), dry_run=True)
    job.progress.stage("Checking", spool.incidents)
    _each_batch(ImportRun(), trial, spool)


def _each_batch(run: ImportRun, job: Job, spool: Spool) -> None:
    done = 0
    with closing(spool.read()) as incidents:
        for batch in _batches(_whole(job, incidents)):
            _write(run, job, batch)
            done += len(batch)
            job.progress.step(done)


def _batches(
    incidents: Iterator[tuple[str, list[Row]]],
) -> Iterator[list[tuple[str, list[Row]]]]:
    batch, rows = list[tuple[str, list[Row]]](), 0
    for key, kept in incidents:
        batch.append((key, kept))
        rows += len(kept)
        if len(batch) >= BATCH or rows >= BATCH_ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _usable(run: ImportRun, job: Job, table: Table, position: Callable[[], int]) -> Iterator[tuple[str, Row]]:
    for row in table.rows():
        run.rows_read += 1
        if run.rows_read % 1_000 == 0:
            job.progress.step(position())
        if isinstance(row, Bad):
            job.rejects.add(row.line, row.reason, row.cells)
            continue
        try:
            key = job.source.key(row)
        except Rejected as error:
            _reject(job, [row], str(error))
        else:
            yield key, row
    job.progress.step(position())


def _whole(job: Job, incidents: Iterator[tuple[str, Iterator[Row]]]) -> Iterator[tuple[str, list[Row]]]:
    """Each incident with its rows, as far as they can be one incident's."""
    for key, rows in incidents:
        kept = list(islice(rows, 1 if job.one_row else MOST_ROWS + 1))
        if job.one_row:
            for row in rows:
                _reject(job, [row], f"the same key as in line {kept[0].line}")
        elif len(kept) > MOST_ROWS:
            _reject(job, kept, f"more than {MOST_ROWS} rows of one incident")
            for row in rows:
                _reject(job, [row], f"more than {MOST_ROWS} rows of one incident")
            continue
        yield key, kept


@transaction.atomic
def _write(run: ImportRun, job: Job, batch: Sequence[tuple[str, list[Row]]]) -> None:
    """One batch: those that are not here yet, with the keys by which they are known."""
    known = set(
        ExternalRef.objects.filter(system=job.system, key__in=[key for key, _rows in batch]).values_list(
            "key", flat=True
        )
    )
    fresh: list[tuple[str, Found]] = []
    for key, rows in batch:
        if key in known:
            continue
        try:
            found = job.source.found(rows)
            job.catalogue.know(found.service, found.teams)
        except Rejected as error:
            _reject(job, rows, str(error))
        else:
            fresh.append((key, found))
    run.incidents_known += len(known)
    run.incidents_made += len(fresh)
    if job.dry_run:
        return
    _take_over(run, job, fresh)
    run.save(update_fields=["rows_read", "incidents_known", "incidents_made"])


def _take_over(run: ImportRun, job: Job, fresh: Sequence[tuple[str, Found]]) -> None:
    pasts = [found.past for _key, found in fresh]
    owners = {past.owner for past in pasts if past.owner}
    people = (
        {user.email: user for user in User.objects.filter(email__in=owners, is_active=True)} if owners else {}
    )
    made = take_over(pasts, services=job.catalogue.services, teams=job.catalogue.teams, people=people)
    rows = (
        (job.system, key, incident.pk, run.pk, job.now)
        for (key, _found), incident in zip(fresh, made, strict=True)
    )
    copy_in(ExternalRef, ("system", "key", "incident_id", "import_run_id", "created_at"), rows)


def _reject(job: Job, rows: Sequence[Row], reason: str) -> None:
    for row in rows:
        job.rejects.add(row.line, reason, list(row.cells.values()))


def _analyze() -> None:
    """Tell the planner what came, so that lists are quick from the first click on."""
    with connection.cursor() as cursor:
        for model in (Incident, Entry, PartyInterval, ExternalRef):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
