"""Both embedded servers together: those that no URL was given for."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from config.environment import YES
from config.supervisor.binaries import find_binaries
from config.supervisor.home import Home, find_home, prepare
from config.supervisor.kernel import end_all, leftovers
from config.supervisor.postgres import Postgres
from config.supervisor.redis_server import Redis
from config.supervisor.state import Lock, forget_servers, write_servers

Say = Callable[[str], None]


class Embedded:
    """The servers of one home. Call only while holding the home's lock."""

    def __init__(
        self, home: Home, *, postgres: bool = True, redis: bool = True, throwaway: bool = False
    ) -> None:
        binaries = find_binaries(home) if postgres or redis else None
        self.home = home
        self.copied_binaries = bool(binaries and binaries.copied)
        self.postgres = Postgres(home, binaries, throwaway=throwaway) if binaries and postgres else None
        self.redis = Redis(home, binaries) if binaries and redis else None

    def start(self, say: Say = lambda _: None) -> None:
        """Start what is wanted and return once all of it answers; `say` hears one line for each.

        Raises SupervisorError; whatever had started by then is stopped again.
        """
        try:
            if self.redis:
                self.redis.start_on_any_port()
                say(f"Redis on 127.0.0.1:{self.redis.port}")
            if self.postgres:
                new = self.postgres.ensure_initialised()
                self.postgres.start()
                self.postgres.wait_ready()
                where = (
                    "a socket in the home" if self.postgres.by_socket else f"127.0.0.1:{self.postgres.port}"
                )
                say(f"PostgreSQL on {where}{', new cluster' if new else ''}")
            write_servers(self.home.run, self.urls())
        except BaseException:
            self.stop()
            raise

    def urls(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL of those that run here."""
        found = {}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url()
        if self.redis:
            found["REDIS_URL"] = self.redis.url()
        return found

    def stop(self) -> None:
        """Stop both, Redis first."""
        for server in (self.redis, self.postgres):
            if server:
                server.stop()
        forget_servers(self.home.run)


class ThrowawayServers:
    """A home, a PostgreSQL and a Redis for tests and benchmarks: fast, not durable, gone at the end."""

    def __init__(self, prefix: str = "mainstay-tests-", *, postgres: bool = True, redis: bool = True) -> None:
        sweep(prefix)
        folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
        self.home = find_home({**os.environ, "MAINSTAY_HOME": str(folder)})
        prepare(self.home)
        self.lock = Lock(self.home.run)
        self.lock.acquire()
        self.servers = Embedded(self.home, postgres=postgres, redis=redis, throwaway=True)

    def start(self) -> dict[str, str]:
        """Start both; the environment that makes Mainstay use them."""
        self.servers.start()
        return {"MAINSTAY_HOME": str(self.home.path), **self.servers.urls()}

    def stop(self) -> None:
        """Stop both and remove the home."""
        self.servers.stop()
        self.lock.release()
        for folder in {self.home.path, self.home.wanted}:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(prefix: str) -> None:
    """Remove throw-away homes whose owner was killed: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        lock = folder / "run" / "supervisor.lock"
        if not lock.exists() or not os.access(lock, os.W_OK):
            continue
        mine = Lock(folder / "run")
        try:
            mine.acquire(patience=0)
        except (RuntimeError, OSError):
            continue
        end_all(leftovers(folder))
        shutil.rmtree(folder, ignore_errors=True)
        mine.release()


def is_embedded(env: Mapping[str, str], name: str) -> bool:
    """Whether no URL was given under `name`, so that the server is ours to run."""
    return not env.get(name, "").strip()


def is_for_trials(env: Mapping[str, str]) -> bool:
    """Whether the database is embedded, and nobody said that this is production."""
    production = env.get("MAINSTAY_PRODUCTION", "").strip().lower() in YES
    return is_embedded(env, "DATABASE_URL") and not production
