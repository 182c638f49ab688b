"""The whole of Mainstay, as `make run` starts it, on a throw-away home."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from config.supervisor.home import BASE_DIR
from config.supervisor.ports import free_port
from config.supervisor.state import running_servers
from tests.notifications import smtp
from tests.patience import DEADLINE, until
from tests.supervisor.supervised import Supervised, ask_to_stop, launch, put_away

ROLES = {
    "web": ("granian",),
    "worker": ("--hostname=worker@",),
    "courier": ("--hostname=courier@",),
    "beat": ("celery", " beat "),
    "postgres": ("postgres", "-D"),
    "redis": ("redis-server",),
}
_LIBFAKETIME = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def libfaketime() -> str | None:
    """Where the library that bends a process's time lies; None where it is not installed."""
    return next((str(path) for pattern in _LIBFAKETIME for path in Path("/").glob(pattern[1:])), None)


@dataclass
class Stack:
    """One running Mainstay and the mail server it sends to. Times asked of it are the database's."""

    place: Path
    sink: smtp.Sink
    port: int
    extra: dict[str, str] = field(default_factory=dict)
    run: Supervised | None = None
    intake: str = ""

    @property
    def home(self) -> Path:
        return self.place / "home"

    @property
    def clocks(self) -> Path:
        return self.place / "clocks"

    def start(self) -> None:
        """Start the supervisor and wait until it says that all is ready."""
        argv = (sys.executable, "-m", "config.supervisor", "run")
        env = {
            "PORT": str(self.port),
            "MAINSTAY_DEMO": "0",
            "MAINSTAY_SMTP_HOST": "127.0.0.1",
            "MAINSTAY_SMTP_PORT": str(self.sink.port),
            "PYTHONPATH": str(Path(__file__).parent / "site"),
            "FAULTS_CLOCKS": str(self.clocks),
            "FAULTS_LIBFAKETIME": libfaketime() or "",
            **self.extra,
        }
        self.run = launch(argv, self.home, self.port, **env)
        self.run.until_ready()

    def seed(self) -> None:
        """The organisation; once a home."""
        env = {**os.environ, "MAINSTAY_HOME": str(self.home)}
        for name in ("DATABASE_URL", "REDIS_URL", "MAINSTAY_REDIS_PREFIX", "MAINSTAY_TEST_CLOCK"):
            env.pop(name, None)
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.seed"],
            env=env, cwd=BASE_DIR, capture_output=True, text=True, check=False, timeout=DEADLINE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.intake = done.stdout.strip().splitlines()[-1]

    def find(self, role: str) -> psutil.Process | None:
        """The child of the supervisor that plays a role now."""
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(self.run.process.pid).children():
                with contextlib.suppress(psutil.Error):
                    line = " ".join(process.cmdline())
                    if all(word in line for word in ROLES[role]):
                        return process
        return None

    def process(self, role: str) -> psutil.Process:
        """The process that plays a role, once there is one."""
        until(lambda: self.find(role) is not None, f"a process for {role}")
        found = self.find(role)
        assert found is not None
        return found

    def helpers(self, role: str) -> list[psutil.Process]:
        """The processes that the one of this role has started, oldest first."""
        try:
            found = self.process(role).children()
            return sorted((p for p in found if p.status() != psutil.STATUS_ZOMBIE), key=lambda p: p.pid)
        except psutil.NoSuchProcess:
            return []

    def readiness(self, role: str) -> Callable[[], bool]:
        """A question for later: does another process play this role by then, and does it answer?"""
        old = self.process(role).pid
        log = self.home / "log" / f"{role}.log"
        seen = log.stat().st_size

        def another() -> bool:
            found = self.find(role)
            return found is not None and found.pid != old

        def celery() -> bool:
            with log.open("rb") as lines:
                lines.seek(seen)
                return another() and b" ready." in lines.read()

        if role == "web":
            return lambda: another() and self.healthy()
        return another if role == "beat" else celery

    def database_url(self) -> str:
        return running_servers(self.home / "run")["DATABASE_URL"]

    def redis(self) -> redis.Redis:
        url = self.extra.get("REDIS_URL") or running_servers(self.home / "run")["REDIS_URL"]
        return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says. Raises psycopg.Error while it is away."""
        with psycopg.connect(self.database_url(), autocommit=True, connect_timeout=3) as link:
            cursor = link.execute(query, values)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def answers(self, query: str, *values: Any) -> bool:
        """Whether the query gives a first column that is true; False while the database is away."""
        try:
            return bool(self.rows(query, *values)[0][0])
        except (psycopg.Error, KeyError, IndexError):
            return False

    def now(self) -> Any:
        return self.rows("SELECT clock_timestamp()")[0][0]

    def healthy(self) -> bool:
        """Whether the web server answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def tail(self) -> str:
        """The supervisor's words, for a failing test."""
        return self.run.text if self.run else ""


@contextmanager
def running(**extra: str) -> Iterator[Stack]:
    """A seeded stack, ended with the block; nothing of it is left."""
    place = Path(tempfile.mkdtemp(prefix="ms-faults-")).resolve()
    place.chmod(0o755)
    (place / "clocks").mkdir()
    with smtp.running() as sink:
        stack = Stack(place, sink, free_port(), extra=extra)
        try:
            stack.start()
            stack.seed()
            yield stack
        finally:
            if stack.run:
                ask_to_stop(stack.run)
                put_away(stack.run)
            shutil.rmtree(place, ignore_errors=True)
