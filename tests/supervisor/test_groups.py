"""A process group is signalled while its number is certainly its own."""

import os
import signal
import sys
import time

import psutil
import pytest

from config.supervisor import kernel
from config.supervisor.kernel import ended, living, poll_until, reap, signal_group, spawn
from config.supervisor.processes import Family, run_side_by_side
from config.supervisor.specs import Spec

GONE = (sys.executable, "-c", "")


@pytest.fixture
def signalled(monkeypatch):
    """Every group that is signalled, and whether its leader's number was still its own then."""
    seen = []
    kill = os.killpg

    def note(group, number):
        try:
            os.waitid(os.P_PID, group, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            seen.append(True)
        except ChildProcessError:
            seen.append(False)
            return
        kill(group, number)

    monkeypatch.setattr(kernel.os, "killpg", note)
    return seen


def child_of(folder, argv=GONE):
    return spawn(argv, env=dict(os.environ), log=folder / "child.log", cwd=folder)


def test_looking_at_a_child_that_ended_leaves_it_to_be_reaped(tmp_path):
    child = child_of(tmp_path)
    assert poll_until(lambda: ended(child), 30)
    assert child.returncode is None
    assert reap(child, 5) == 0
    assert ended(child)


def test_nobody_is_signalled_once_the_leader_was_reaped(tmp_path, signalled):
    child = child_of(tmp_path)
    child.wait(30)
    signal_group(child, signal.SIGKILL)
    assert signalled == []


def test_a_family_signals_the_group_of_a_dead_child_before_it_reaps_it(tmp_path, signalled):
    family = Family(dict(os.environ), tmp_path, lambda words: None)
    family.start(Spec("worker", GONE))
    first = family.children[0].process
    assert poll_until(lambda: ended(first), 30)

    family.look(time.monotonic())
    assert signalled == [True]

    second = family.children[0].process
    assert (first.returncode, second is first) == (0, False)
    assert poll_until(lambda: ended(second), 30)
    family.stop(5)
    assert signalled == [True, True]
    assert second.returncode == 0


def test_what_a_program_left_in_its_group_goes_with_it(tmp_path, signalled):
    leaves = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid)"
    code = run_side_by_side(
        [(sys.executable, "-c", leaves), GONE],
        env=dict(os.environ),
        log=tmp_path / "out.log",
        tick=lambda: time.sleep(0.01),
    )

    orphan = int((tmp_path / "out.log").read_text())
    assert (code, signalled) == (0, [True, True])
    assert poll_until(lambda: _is_gone(orphan), 10)


def _is_gone(pid: int) -> bool:
    try:
        return living([psutil.Process(pid)]) == []
    except psutil.NoSuchProcess:
        return True
