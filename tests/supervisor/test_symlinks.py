"""A home, or the data folder in it, that is reached through a symbolic link is one home with one PostgreSQL."""

import os

import psutil
import pytest

from config.supervisor import home as homes
from config.supervisor.binaries import find_binaries
from config.supervisor.errors import SupervisorError
from config.supervisor.home import Home, find_home, prepare, wanted_home
from config.supervisor.kernel import living
from config.supervisor.postgres import Postgres


def test_the_default_home_behind_a_link_is_known_by_its_own_name(place, monkeypatch):
    (place / "elsewhere").mkdir()
    (place / "code").mkdir()
    (place / "code" / "var").symlink_to(place / "elsewhere")
    monkeypatch.setattr(homes, "BASE_DIR", place / "code")
    assert wanted_home({}) == place / "elsewhere"


@pytest.fixture
def home(place) -> Home:
    """A home whose `pg` lies elsewhere."""
    found = find_home({"MAINSTAY_HOME": str(place / "home")})
    prepare(found)
    found.pg.rmdir()
    (place / "disk").mkdir()
    found.pg.symlink_to(place / "disk")
    prepare(found)
    return found


@pytest.mark.process
@pytest.mark.timeout(170)
def test_a_leftover_in_a_linked_data_folder_is_ended_before_another_starts(home):
    first = Postgres(home, find_binaries(home), throwaway=True)
    second = Postgres(home, find_binaries(home), throwaway=True)
    try:
        first.ensure_initialised()
        first.start()
        first.wait_ready()
        left = psutil.Process(first.process.pid)

        second.start()
        second.wait_ready()

        assert living([left]) == []
        assert second.alive()
    finally:
        second.stop()
        first.stop()


def test_a_pid_file_stays_while_a_postgres_that_cannot_be_looked_at_holds_it(home, monkeypatch):
    home.pg_data.mkdir()
    held = home.pg_data / "postmaster.pid"
    held.write_text(f"{os.getpid()}\n{home.pg_data}\n")
    server = Postgres(home, find_binaries(home))
    monkeypatch.setattr(
        psutil.Process, "name", lambda self: "postgres" if self.pid == os.getpid() else "other"
    )
    monkeypatch.setattr(psutil.Process, "cwd", _not_yours)

    with pytest.raises(SupervisorError, match=str(os.getpid())):
        server.end_leftover()

    assert held.exists()


def test_a_pid_file_goes_where_its_number_is_a_postgres_of_another_folder(home, monkeypatch):
    home.pg_data.mkdir()
    held = home.pg_data / "postmaster.pid"
    held.write_text(f"{os.getpid()}\n{home.pg_data}\n")
    monkeypatch.setattr(
        psutil.Process, "name", lambda self: "postgres" if self.pid == os.getpid() else "other"
    )

    Postgres(home, find_binaries(home)).end_leftover()

    assert not held.exists()


def _not_yours(self: psutil.Process) -> str:
    raise psutil.AccessDenied(self.pid)
