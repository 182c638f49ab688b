"""The embedded Redis: loopback, a free port, a password. It keeps nothing on disk: what must happen
later is a row in PostgreSQL, so losing Redis delays and never loses."""

import contextlib
import os
import secrets
import signal
import subprocess

import redis

from config.supervisor.binaries import Binaries
from config.supervisor.errors import SupervisorError, tail
from config.supervisor.home import Home
from config.supervisor.kernel import MARK, poll_until, spawn
from config.supervisor.ports import free_port

_TRIES = 5


class Redis:
    """One embedded server. A restart keeps port and password, so that clients find it again."""

    name = "Redis"

    def __init__(self, home: Home, binaries: Binaries) -> None:
        self.home = home
        self.binaries = binaries
        self.log = home.log / "redis.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port: int | None = None
        self.password = secrets.token_urlsafe(24)

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server. Another port is tried only before clients have been told of one."""
        self.port = self.port or free_port()
        # From standard input, so that the password shows in no process list and no file.
        folder = str(self.home.redis).replace("\\", "\\\\").replace('"', '\\"')
        config = "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self.password}",
                f'dir "{folder}"',
                'save ""',
                "appendonly no",
                "daemonize no",
                "databases 64",
                "maxmemory 256mb",
                # Cache entries have an expiry and may go; queued doorbells have none and stay.
                "maxmemory-policy volatile-ttl",
                "tcp-keepalive 60",
                "set-proc-title no",
                "",
            ]
        )
        self.process = spawn(
            [self.binaries.redis_server, "-"],
            env={**os.environ, MARK: str(self.home.path)},
            log=self.log,
            cwd=self.home.redis,
            user=self.home.user,
            stdin=config.encode(),
        )

    def wait_ready(self, seconds: float = 15) -> None:
        """Return once it answers. Raises SupervisorError with the end of its log otherwise."""
        poll_until(lambda: not self.alive() or self.healthy(), seconds)
        if not self.healthy():
            raise SupervisorError(f"Redis did not start. The end of {self.log}:\n{tail(self.log)}")

    def start_on_any_port(self) -> None:
        """The first start of a run: somebody may take the free port before Redis does."""
        for attempt in range(_TRIES):
            self.port = None
            self.start()
            try:
                self.wait_ready()
            except SupervisorError:
                self.stop()
                if attempt == _TRIES - 1:
                    raise
            else:
                return

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def healthy(self) -> bool:
        """Whether it answers PING within three seconds."""
        if not self.alive():
            return False
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=3, socket_connect_timeout=3) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self, seconds: float = 1.0) -> None:
        """SIGTERM, then SIGKILL after `seconds`: there is nothing to save."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.process = None
