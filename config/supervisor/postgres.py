"""The embedded PostgreSQL: one cluster in the home, reached by a socket in the home."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from config.supervisor.binaries import Binaries
from config.supervisor.errors import SupervisorError, tail
from config.supervisor.home import PG_MAJOR, Home
from config.supervisor.kernel import MARK, end_all, living, poll_until, run_quietly, spawn
from config.supervisor.ports import free_port

NAME = ROLE = "mainstay"
# A Unix socket's address holds 108 bytes, the last of them a zero.
_SOCKET_LIMIT = 107
_SOCKET = ".s.PGSQL.5432"
_TUNING = {
    "max_connections": "200",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    # Parallel plans want shared memory that containers are short of, and cores that requests need.
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
    "log_line_prefix": "%m [%p] %a ",
}
_MB = 1 << 20
# A test cluster is small, and a machine runs several.
_SMALL = {"shared_buffers": "128MB", "effective_cache_size": "512MB"}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def memory(total: int) -> dict[str, str]:
    """How much of a machine's memory (bytes) the server uses: a sixteenth of its own, 128 MB to 1 GB, and it counts on a quarter
    for files that the system keeps. History of years is then read from memory on a machine that has some."""
    own = min(max(total // 16, 128 * _MB), 1024 * _MB)
    return {
        "shared_buffers": f"{own // _MB}MB",
        "effective_cache_size": f"{max(total // 4, 512 * _MB) // _MB}MB",
    }


class Postgres:
    """One embedded server. `throwaway` clusters trade durability for speed; only tests use them."""

    name = "PostgreSQL"

    def __init__(self, home: Home, binaries: Binaries, *, throwaway: bool = False) -> None:
        self.home = home
        self.binaries = binaries
        self.throwaway = throwaway
        self.log = home.log / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port: int | None = None
        self._env = {**os.environ, "LC_ALL": "C", "TZ": "UTC", MARK: str(home.path)}

    @property
    def by_socket(self) -> bool:
        """Whether the home's path can hold a socket; else the loopback is used."""
        folder = str(self.home.pg_socket)
        # libpq reads a comma in a host as the start of another host.
        return len(os.fsencode(f"{folder}/{_SOCKET}")) <= _SOCKET_LIMIT and "," not in folder

    def url(self, database: str = NAME) -> str:
        """The URL of one of its databases, password included."""
        who = f"{ROLE}:{quote(self._password(), safe='')}"
        if self.by_socket:
            return f"postgresql://{who}@/{database}?host={quote(str(self.home.pg_socket))}&port=5432"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{database}"

    def ensure_initialised(self) -> bool:
        """Make the cluster if there is none. True if it was made now.

        It is made beside its place and moved there complete, so an interrupted start leaves nothing
        half-made. Raises SupervisorError with initdb's own words.
        """
        data = self.home.pg_data
        if (data / "PG_VERSION").exists():
            return False
        others = [p.parent.name for p in self.home.pg.glob("*/PG_VERSION") if p.parent.name.isdigit()]
        if others:
            raise SupervisorError(
                f"{self.home.pg} holds a PostgreSQL {'/'.join(others)} cluster and the installed server is "
                f"{PG_MAJOR}. Dump it with the release that made it and restore here (docs/operators.md)."
            )
        if data.exists():
            raise SupervisorError(f"{data} exists and is no cluster. Move it away and start again.")
        new = self.home.pg / f"{PG_MAJOR}.new"
        shutil.rmtree(new, ignore_errors=True)
        password = self._new_password()
        done = run_quietly(
            [
                *(self.binaries.pg("initdb"), "--pgdata", str(new), "--username", ROLE),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--auth=scram-sha-256", f"--pwfile={password}", *(["--no-sync"] if self.throwaway else [])),
            ],
            env=self._env,
            cwd=self.home.pg,
            user=self.home.user,
            seconds=120,
        )
        if done.returncode != 0:
            raise SupervisorError(f"PostgreSQL could not make its cluster in {new}:\n{done.stderr.strip()}")
        new.rename(data)
        return True

    def start(self) -> None:
        """Start the server; anything left of an earlier one in this home is ended first."""
        self.end_leftover()
        options = {
            **_TUNING,
            **(_SMALL | _THROWAWAY if self.throwaway else memory(psutil.virtual_memory().total) | _DURABLE),
            "unix_socket_directories": '"{}"'.format(str(self.home.pg_socket).replace('"', '""'))
            if self.by_socket
            else "",
            "unix_socket_permissions": "0700",
            "listen_addresses": "" if self.by_socket else "127.0.0.1",
            "port": "5432",
        }
        if not self.by_socket:
            self.port = free_port(self.port)
            options["port"] = str(self.port)
        arguments = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        self.process = spawn(
            [self.binaries.pg("postgres"), "-D", str(self.home.pg_data), *arguments],
            env=self._env,
            log=self.log,
            cwd=self.home.pg,
            user=self.home.user,
            death_signal=signal.SIGINT,
        )

    def wait_ready(self, seconds: float = 60) -> None:
        """Return once it answers a query on its database, which is made where missing.

        Raises SupervisorError with the end of its log when it ends, or stays silent for `seconds`.
        """
        poll_until(lambda: not self.alive() or self._answers("postgres"), seconds)
        if not self.alive() or not self._answers("postgres"):
            raise SupervisorError(f"PostgreSQL did not start. The end of {self.log}:\n{tail(self.log)}")
        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5) as link:
            if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                link.execute(f"CREATE DATABASE {NAME}")

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def healthy(self) -> bool:
        """Whether it answers a query within three seconds."""
        return self.alive() and self._answers(NAME)

    def stop(self, seconds: float = 4.0) -> None:
        """Fast shutdown (open transactions roll back); immediate shutdown after `seconds`."""
        if self.process is None:
            return
        for number, patience in [(signal.SIGINT, seconds), (signal.SIGQUIT, 1.5), (signal.SIGKILL, 1.0)]:
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.process = None

    def end_leftover(self) -> None:
        """Stop a server that an earlier supervisor left in this home, and clear what it left behind.

        Only processes that work inside our data folder are touched, by whatever name they reached it. Raises
        SupervisorError where one of them belongs to somebody else and will not go, or can't be looked at.
        """
        # The postmaster hears it first; SIGINT to a backend alone merely cancels its query.
        ladder = [(signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0)]
        if not end_all(self._in_data_folder(), ladder) or not poll_until(
            lambda: not self._in_data_folder(), 5
        ):
            raise SupervisorError(f"A PostgreSQL works in {self.home.pg_data} and won't stop.")
        holder = self._in_pid_file()
        if holder is not None:
            raise SupervisorError(
                f"postmaster.pid in {self.home.pg_data} names a PostgreSQL that runs (process {holder.pid}) and that "
                "can't be looked at. Stop it, or start as the user that it runs as."
            )
        # Nobody works here now, so a pid file names a dead process, or a stranger that got its number.
        (self.home.pg_data / "postmaster.pid").unlink(missing_ok=True)
        for name in (_SOCKET, f"{_SOCKET}.lock"):
            (self.home.pg_socket / name).unlink(missing_ok=True)

    def _in_data_folder(self) -> list[psutil.Process]:
        """The postmaster first, then whatever else runs `postgres` inside our data folder."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name() == "postgres" and Path(process.cwd()).samefile(self.home.pg_data):
                    found.append(process)
        return sorted(living(found), key=lambda process: process.pid)

    def _in_pid_file(self) -> psutil.Process | None:
        """The living postgres that postmaster.pid names, unless it is known to work in another folder."""
        try:
            named = (self.home.pg_data / "postmaster.pid").read_text().split("\n", 1)[0].strip()
            process = psutil.Process(int(named))
            if process.name() != "postgres" or not living([process]):
                return None
        except (OSError, ValueError, OverflowError, psutil.Error):
            return None
        try:
            return process if Path(process.cwd()).samefile(self.home.pg_data) else None
        except (OSError, psutil.Error):
            return process

    def _answers(self, database: str) -> bool:
        try:
            with psycopg.connect(self.url(database), connect_timeout=3) as link:
                return link.execute("SELECT 1").fetchone() == (1,)
        except psycopg.Error:
            return False

    def _password(self) -> str:
        return (self.home.pg / "password").read_text().strip()

    def _new_password(self) -> Path:
        """Kept beside the data, so that both move together; readable by the server's user alone."""
        path = self.home.pg / "password"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(24) + "\n")
        if self.home.user:
            os.chown(path, self.home.user.uid, self.home.user.gid)
        return path
