"""Where everything lies, and as whom the servers run."""

import os
import pwd
import shutil

import pytest

from config.supervisor import binaries, home
from config.supervisor.errors import SupervisorError
from config.supervisor.home import BASE_DIR, ServerUser, find_home, first_closed, home_dir, prepare

STRANGER = ServerUser("stranger", 54_321, 54_321)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def env(path, **more: str) -> dict[str, str]:
    return {"MAINSTAY_HOME": str(path), **more}


def test_the_default_home_is_var_beside_the_code():
    assert find_home({}).wanted == BASE_DIR / "var"


def test_finding_the_home_touches_nothing(place):
    assert home_dir(env(place / "a" / "home")).name != ""
    assert list(place.iterdir()) == []


def test_the_first_folder_closed_to_a_user_is_named(place):
    (place / "open" / "shut" / "inner").mkdir(parents=True)
    (place / "open").chmod(0o755)
    (place / "open" / "shut").chmod(0o700)
    assert first_closed(place / "open" / "shut" / "inner", STRANGER) == place / "open" / "shut"
    assert first_closed(place / "open", STRANGER) is None
    assert first_closed(place / "not" / "there" / "yet", STRANGER) is None


def test_a_home_behind_a_closed_folder_moves_to_the_refuge_and_stays_there(place, monkeypatch):
    monkeypatch.setattr(home, "server_user", lambda *_: STRANGER)
    monkeypatch.setattr(home, "ROOT_REFUGE", place / "refuge")
    shut = place / "shut"
    shut.mkdir(mode=0o700)
    shut.chmod(0o700)

    found = find_home(env(shut / "home"))

    assert found.path.parent == place / "refuge"
    assert found.moved_because == f"PostgreSQL runs as stranger, who may not enter {shut}"
    assert shut.stat().st_mode & 0o777 == 0o700

    (shut / "home").mkdir()
    (shut / "home" / "moved-to").write_text(f"{found.path}\n")
    shut.chmod(0o755)
    assert find_home(env(shut / "home")).path == found.path


def test_two_closed_homes_move_to_two_places(place, monkeypatch):
    monkeypatch.setattr(home, "server_user", lambda *_: STRANGER)
    (place / "shut").mkdir()
    (place / "shut").chmod(0o700)
    assert home_dir(env(place / "shut" / "one")) != home_dir(env(place / "shut" / "two"))


def test_data_that_became_unreachable_is_an_error_and_never_an_empty_new_home(place, monkeypatch):
    monkeypatch.setattr(home, "server_user", lambda *_: STRANGER)
    data = place / "shut" / "home" / "pg" / "18"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    (place / "shut").chmod(0o700)
    with pytest.raises(SupervisorError, match="can no longer enter"):
        find_home(env(place / "shut" / "home"))


@needs_root
def test_existing_data_keeps_its_owner(place):
    (place / "home" / "pg" / "18").mkdir(parents=True)
    os.chown(place / "home" / "pg" / "18", pwd.getpwnam("daemon").pw_uid, -1)
    assert find_home(env(place / "home")).user_name == "daemon"


@needs_root
def test_the_operator_may_name_the_servers_user(place):
    assert find_home(env(place / "home", MAINSTAY_SERVER_USER="daemon")).user_name == "daemon"
    with pytest.raises(SupervisorError, match="MAINSTAY_SERVER_USER"):
        find_home(env(place / "home", MAINSTAY_SERVER_USER="nobody-of-that-name"))


def test_a_home_below_a_file_is_refused(place):
    (place / "file").write_text("in the way")
    with pytest.raises(SupervisorError, match=f"{place / 'file'} is no folder"):
        find_home(env(place / "file" / "home"))


def test_a_home_that_cannot_be_written_is_said_with_a_way_out():
    with pytest.raises(SupervisorError, match=r"cannot be written.*MAINSTAY_HOME="):
        prepare(find_home(env("/proc/home")))


def test_a_folder_that_was_opened_wider_stays_so(place):
    found = find_home(env(place / "home"))
    prepare(found)
    found.log.chmod(0o755)
    prepare(found)
    assert found.log.stat().st_mode & 0o777 == 0o755


@needs_root
def test_programs_that_the_servers_user_cannot_read_are_copied_whole(place, monkeypatch):
    monkeypatch.setattr(binaries, "_out_of_reach", lambda *_: True)
    found = find_home(env(place / "home"))
    prepare(found)

    copied = binaries.find_binaries(found)

    assert copied.copied
    assert first_closed(copied.root, found.user) is None
    for program in (copied.pg("postgres"), copied.pg("initdb"), copied.redis_server):
        assert shutil.which(program) == program
    assert binaries.find_binaries(found) == copied
    shutil.rmtree(copied.root)
