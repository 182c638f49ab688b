"""Supervisors to start, talk to and kill."""

import pwd
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.supervisor.ports import free_port
from tests.supervisor.supervised import Supervised, ask_to_stop, launch, put_away, python_for

Start = Callable[..., Supervised]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter, as /srv would be."""
    folder = Path(tempfile.mkdtemp(prefix="ms-")).resolve()
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    """Start the stub installation: `start(home=…, port=…, user=…)`; what is left at the end is killed."""
    started: list[Supervised] = []

    def go(
        home: Path | None = None,
        port: int | None = None,
        *,
        user: pwd.struct_passwd | None = None,
        argv: tuple[str, ...] = (),
        **extra: str,
    ) -> Supervised:
        home, port = home or place / "home", port or free_port()
        python = sys.executable
        if user:
            python, extra["PYTHONPATH"] = python_for(user)
        argv = argv or (python, "-m", "tests.supervisor.stub", str(port))
        started.append(launch(argv, home, port, user=user, **extra))
        return started[-1]

    yield go
    for one in started:
        ask_to_stop(one)
    for one in started:
        put_away(one)
