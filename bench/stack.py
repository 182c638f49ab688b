"""The whole of Mainstay as `make run` starts it, on a scratch home of its own, with durable servers.

Ended by the end of the block, by Ctrl-C too; nothing of it is left behind.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import psycopg

from config.supervisor.home import BASE_DIR
from config.supervisor.ports import free_port
from config.supervisor.servers import sweep
from config.supervisor.state import running_servers

PREFIX = "mainstay-bench-"
OURS = ("DATABASE_URL", "REDIS_URL", "MAINSTAY_REDIS_PREFIX", "MAINSTAY_TEST_CLOCK", "MAINSTAY_NUDGES")


@dataclass
class Stack:
    """One running Mainstay: where it is, and the environment of programs that use it."""

    home: Path
    port: int
    env: dict[str, str]
    supervisor: subprocess.Popen[str]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says."""
        with self.link() as link:
            cursor = link.execute(query, values or None)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self.rows(query, *values)[0][0]

    def link(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of one's own, committing each statement."""
        return psycopg.connect(self.env["DATABASE_URL"], autocommit=True, connect_timeout=5)


@contextmanager
def running(**extra: str) -> Iterator[Stack]:
    """An empty Mainstay without the demo, ready to be asked; Django of this process uses its database."""
    sweep(PREFIX)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended as Ctrl-C ends it, by the way out below
    home = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    home.chmod(0o755)
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"MAINSTAY_HOME": str(home), "PORT": str(port), "HOST": "127.0.0.1", "MAINSTAY_DEMO": "0"}
    env |= {"MAINSTAY_PUBLIC_URL": f"http://127.0.0.1:{port}", **extra}
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "config.supervisor", "run", "--end-with-parent"],
        cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        _until_ready(supervisor)
        env |= running_servers(home / "run")
        os.environ.update(env, DJANGO_SETTINGS_MODULE="config.settings")
        for name in OURS[2:]:
            os.environ.pop(name, None)
        django.setup()
        yield Stack(home, port, env, supervisor)
    finally:
        _stop(supervisor)
        shutil.rmtree(home, ignore_errors=True)


def _until_ready(supervisor: subprocess.Popen[str]) -> None:
    said = []
    for line in supervisor.stdout or []:
        said.append(line)
        if line.startswith("Mainstay is ready"):
            # Whoever stops listening would block it at its next word.
            threading.Thread(target=_swallow, args=(supervisor,), daemon=True).start()
            return
    raise SystemExit("Mainstay did not start:\n" + "".join(said[-20:]))


def _swallow(supervisor: subprocess.Popen[str]) -> None:
    for _ in supervisor.stdout or []:
        pass


def _stop(supervisor: subprocess.Popen[str]) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave servers behind
    try:
        if supervisor.poll() is None:
            supervisor.send_signal(signal.SIGTERM)
        try:
            supervisor.wait(30)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait(5)
    finally:
        signal.signal(signal.SIGINT, before)
