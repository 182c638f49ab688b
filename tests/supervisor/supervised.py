"""A supervisor under test: started, listened to, looked at, ended. Everything waits for a fact, with a deadline."""

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from config.supervisor.home import BASE_DIR, ServerUser, first_closed
from config.supervisor.kernel import MARK, poll_until
from tests.patience import DEADLINE


@dataclass
class Supervised:
    """A supervisor under test and what it has said so far."""

    home: Path
    port: int
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def hears(self, text: str) -> bool:
        """Whether a line with `text` was said before the deadline, or before it ended."""
        poll_until(lambda: self._said(text) or self.process.poll() is not None, DEADLINE)
        # The reader may still have its last lines in hand.
        return poll_until(lambda: self._said(text), 2 if self.process.poll() is not None else 0)

    def until_ready(self) -> "Supervised":
        assert self.hears(f"Mainstay is ready: http://127.0.0.1:{self.port}"), self.text
        return self

    def ends(self) -> int:
        return self.process.wait(DEADLINE)

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    def members(self) -> list[psutil.Process]:
        """All that belongs to this home, the supervisor itself excepted."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                marked = process.environ().get(MARK) == str(self.home)
                if marked or str(self.home) in process.cwd():
                    found.append(process)
        return found

    def names(self) -> list[str]:
        """The names of its members; one that ends while we look has none."""
        found = []
        for process in self.members():
            with contextlib.suppress(psutil.Error):
                found.append(process.name())
        return found

    def member(self, *words: str) -> psutil.Process:
        """The first process of this home whose command line holds all the words, once there is one."""
        found: list[psutil.Process] = []

        def look() -> bool:
            for process in sorted(self.members(), key=lambda one: one.pid):
                with contextlib.suppress(psutil.Error):
                    if all(word in " ".join(process.cmdline()) for word in words):
                        found.append(process)
            return bool(found)

        assert poll_until(look, DEADLINE), f"nothing with {words} in {self.home}"
        return found[0]

    def _said(self, text: str) -> bool:
        return any(text in line for line in list(self.said))


def launch(
    argv: tuple[str, ...], home: Path, port: int, *, user: pwd.struct_passwd | None = None, **extra: str
) -> Supervised:
    """Start `argv` as a supervisor on `home`, in an environment without anything of the tests' own."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("MAINSTAY", "DATABASE_URL", "REDIS_URL"))
    }
    env = {
        **kept,
        "MAINSTAY_HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **extra,
    }
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    process = subprocess.Popen(
        argv,
        env=env,
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
        **as_user,
    )
    one = Supervised(home, port, process)
    threading.Thread(target=_listen, args=(one,), daemon=True).start()
    return one


def put_away(one: Supervised) -> None:
    """End it and whatever it has left."""
    for process in one.members():
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    if one.process.poll() is None:
        one.process.kill()
    one.process.wait(5)
    if one.process.stdout:
        poll_until(lambda: one.process.stdout.closed, 5)


def ask_to_stop(one: Supervised) -> None:
    if one.process.poll() is None:
        one.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            one.process.wait(15)


def python_for(user: pwd.struct_passwd) -> tuple[str, str]:
    """A Python of our version that `user` may run, and the path on which it finds our packages.

    Skips the test where there is none: root's own Python often lies in a closed folder.
    """
    who = ServerUser(user.pw_name, user.pw_uid, user.pw_gid)
    packages = str(Path(psutil.__file__).parent.parent)
    if first_closed(Path(packages), who) or first_closed(BASE_DIR, who):
        pytest.skip(f"{who.name} may not enter our folder")
    for python in (sys.executable, "/usr/bin/python{}.{}".format(*sys.version_info)):
        probe = [python, "-c", "import psutil, psycopg, redis"]
        with contextlib.suppress(OSError):
            done = subprocess.run(
                probe,
                env={"PYTHONPATH": packages},
                user=who.uid,
                group=who.gid,
                extra_groups=[],
                stderr=subprocess.DEVNULL,
                check=False,
            )
            if done.returncode == 0:
                return python, packages
    return pytest.skip(f"{who.name} may run no Python that has our packages")


def _listen(one: Supervised) -> None:
    with one.process.stdout:
        for line in one.process.stdout:
            one.said.append(line.rstrip("\n"))
