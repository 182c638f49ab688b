"""What a running supervisor leaves in `run/` for others to read: its lock, and where its servers are."""

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from typing import IO, Any

from config.supervisor.errors import AlreadyRunningError

LOCK = "supervisor.lock"
SERVERS = "servers.json"


class Lock:
    """The right to run on one home; the kernel takes it back when the holder dies, however it dies."""

    def __init__(self, run: Path) -> None:
        self.path = run / LOCK
        self._file: IO[str] | None = None

    def acquire(self, *, patience: float = 15.0) -> None:
        """Take the lock. Waits `patience` seconds for a holder that is already stopping.

        Raises AlreadyRunningError where another supervisor runs on this home.
        """
        handle = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        begun = time.monotonic()
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = _read(self.path)
                # Readers hold the lock for a moment to see whether it is free; they don't count.
                limit = patience if holder.get("stopping") else min(patience, 1.0)
                if time.monotonic() - begun > limit:
                    handle.close()
                    raise AlreadyRunningError(_holder_text(self.path, holder)) from None
                time.sleep(0.05)
        self._file = handle
        self.say(pid=os.getpid())

    def say(self, **facts: Any) -> None:
        """Write who holds the lock and what it is doing (`url`, `public`, `stopping`) for others to read."""
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            json.dump({"pid": os.getpid(), **facts}, self._file)
            self._file.flush()

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two holders lock two files."""
        if self._file is not None:
            self._file.close()
            self._file = None


def is_running(run: Path) -> bool:
    """Whether some process holds the home's lock now."""
    try:
        with (run / LOCK).open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def write_servers(run: Path, urls: dict[str, str]) -> None:
    """Tell other commands where the embedded servers are. Holds passwords, so nobody else may read it."""
    new = run / f"{SERVERS}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(urls, handle)
    new.replace(run / SERVERS)


def forget_servers(run: Path) -> None:
    """The servers have stopped."""
    with contextlib.suppress(OSError):
        (run / SERVERS).unlink()


def running_servers(run: Path) -> dict[str, str]:
    """The URLs of the servers that run now; empty when no supervisor holds the home."""
    return {key: str(value) for key, value in _read(run / SERVERS).items()} if is_running(run) else {}


def running_at(run: Path) -> str:
    """How people reach the portal that runs on this home; empty when none runs."""
    holder = _read(run / LOCK) if is_running(run) else {}
    return str(holder.get("public") or holder.get("url") or "")


def _holder_text(path: Path, holder: dict[str, Any]) -> str:
    who = f"process {holder['pid']}" if holder.get("pid") else "another process"
    where = f" at {holder['url']}" if holder.get("url") else ""
    return (
        f"Mainstay already runs on this home{where} ({who}, home {path.parent.parent}). "
        "Stop it with Ctrl-C or SIGTERM, or start a second one beside it: "
        "MAINSTAY_HOME=/path/to/another/folder PORT=8001 make run"
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
