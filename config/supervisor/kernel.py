"""Processes as the kernel sees them: spawn so that nothing outlives us, find what did."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from config.supervisor.home import ServerUser

# Every process of a run carries this in its environment, so that a later start knows its own.
MARK = "MAINSTAY_SUPERVISED"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(number: int) -> None:
    """Ask the kernel to send this process `number` when the thread that started it ends."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
    user: ServerUser | None = None,
    death_signal: int = signal.SIGTERM,
    stdin: bytes = b"",
) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own, output appended to `log`.

    When the supervisor dies, however it dies, the kernel sends `death_signal`. Call only from the
    main thread: the kernel watches the thread. Output goes straight to the file, not through a pipe,
    so a child can still say its last words after a `kill -9` of the supervisor.
    """
    parent = os.getpid()

    def tie_to_parent() -> None:  # runs in the child, after it has changed user
        end_with_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    as_user = {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
    with log.open("ab") as out:
        child: subprocess.Popen[bytes] = subprocess.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=tie_to_parent,  # noqa: PLW1509 - the supervisor has one thread
            **as_user,  # type: ignore[call-overload]
        )
    if stdin and child.stdin:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(stdin)
            child.stdin.close()
    return child


def ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether the child has ended. It is not reaped: until `reap` its number, and its group's, stay its own."""
    if child.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:  # somebody else waited for it
        return True


def signal_child(child: subprocess.Popen[bytes], number: int) -> None:
    """Signal the child alone. Unlike `Popen.send_signal` it never reaps."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child.pid, number)


def signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    """Signal the child's whole group, so that pool processes of a dead master go too.

    Nobody hears it once the child was reaped: its number may be a stranger's by then.
    """
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)


def reap(child: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Kill what is left of the child and its group, then reap it; its exit code, None if it is not to be had in time."""
    signal_group(child, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    return child.returncode


def poll_until(done: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    """Whether `done()` became true within `seconds`; asks at once and then every `step`."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() >= end:
            return False
        time.sleep(step)
    return True


def leftovers(home: Path, *, besides: str = "") -> list[psutil.Process]:
    """Processes of an earlier run on this home that are still alive, but for programs named `besides`.
    Never ourselves or our parents."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid in mine or process.name() == besides:
                continue
            if process.environ().get(MARK) == str(home):
                found.append(process)
    return found


def living(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that still run. A zombie has ended, even where nobody (a container's first process) reaps it."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_all(
    processes: Iterable[psutil.Process],
    ladder: Sequence[tuple[int, float]] = ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0)),
) -> bool:
    """Send the signals of `ladder`, each with its patience, to those that still run; True if all ended.

    A reused pid is never hit: psutil compares start times before it signals.
    """
    known = list(processes)
    for number, patience in ladder:
        for process in living(known):
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        if poll_until(lambda: not living(known), patience):
            return True
    return False


def run_quietly(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, user: ServerUser | None, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end as `user`; its output is returned, not shown."""
    as_user = {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
        **as_user,
    )
