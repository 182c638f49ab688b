"""Children: started in order, started again when they die, stopped in reverse."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.supervisor.errors import tail
from config.supervisor.home import BASE_DIR
from config.supervisor.kernel import ended, poll_until, reap, signal_child, spawn
from config.supervisor.specs import Spec

# The first death is answered at once; one that keeps dying waits longer each time.
_BACK_OFF = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
_STEADY_AFTER = 60.0
_LOG_LIMIT = 20 * 1024 * 1024


def back_off(deaths: int) -> float:
    """Seconds to wait before the start that follows the `deaths`-th death in a row (1, 2, …)."""
    return _BACK_OFF[min(deaths, len(_BACK_OFF)) - 1]


@dataclass
class Child:
    """One line of the table, and the process that plays it now."""

    spec: Spec
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    start_again: float | None = None


@dataclass
class Family:
    """All children of a run. Times are `time.monotonic()` seconds."""

    env: Mapping[str, str]
    log: Path
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def start(self, spec: Spec) -> None:
        self.children.append(Child(spec, self._spawn(spec), time.monotonic()))

    def look(self, now: float) -> None:
        """Notice deaths and start again what is due. Returns quickly; call it often."""
        for child in self.children:
            if child.start_again is not None:
                if now >= child.start_again:
                    self._start_again(child, now)
            elif ended(child.process):
                self._mourn(child, now)

    def trim_logs(self) -> None:
        """Keep each log below its limit: the children append, so cutting the file under them is safe."""
        for path in self.log.glob("*.log"):
            with contextlib.suppress(OSError):
                if path.stat().st_size > _LOG_LIMIT:
                    path.with_suffix(".log.1").write_bytes(path.read_bytes())
                    with path.open("r+b") as handle:
                        handle.truncate(0)

    def stop(self, seconds: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """End every child and everything it started: SIGTERM, last one first, then SIGKILL.

        Waits up to `seconds`, or until `hurry()` is true.
        """
        for child in reversed(self.children):
            child.start_again = None
            signal_child(child.process, signal.SIGTERM)
        poll_until(lambda: hurry() or all(ended(child.process) for child in self.children), seconds)
        for child in reversed(self.children):
            # The whole group, also of a child that has gone: pool processes may have outlived it.
            reap(child.process, 1)
        self.children.clear()

    def _mourn(self, child: Child, now: float) -> None:
        how = reap(child.process, 1)
        if now - child.started > _STEADY_AFTER:
            child.deaths = 0
        child.deaths += 1
        wait = back_off(child.deaths)
        child.start_again = now + wait
        if wait == 0:
            self._start_again(child, now)
            self.say(f"{child.spec.name} ended with {how}, started again ({child.deaths})")
        else:
            path = self.log / f"{child.spec.name}.log"
            self.say(
                f"{child.spec.name} ended with {how}, starts again in {wait:.0f} s ({child.deaths}). "
                f"The end of {path}:\n{tail(path, 4)}"
            )

    def _start_again(self, child: Child, now: float) -> None:
        child.process = self._spawn(child.spec)
        child.started = now
        child.start_again = None

    def _spawn(self, spec: Spec) -> subprocess.Popen[bytes]:
        return spawn(spec.argv, env=self.env, log=self.log / f"{spec.name}.log", cwd=BASE_DIR)


def start_logs_afresh(folder: Path) -> None:
    """The last run's logs stay once, as `.log.1`."""
    for path in folder.glob("*.log"):
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".log.1"))


def run_side_by_side(
    argvs: Sequence[Sequence[str]], *, env: Mapping[str, str], log: Path, tick: Callable[[], None]
) -> int:
    """Run programs to their end at the same time; 0 or the first bad exit code.

    `tick` is called often meanwhile; where it raises, or one program fails, the others are ended.
    """
    running = [spawn(argv, env=env, log=log, cwd=BASE_DIR) for argv in argvs]
    try:
        while True:
            codes = [reap(process, 2) if ended(process) else None for process in running]
            failed = [code for code in codes if code]
            if failed or all(code == 0 for code in codes):
                return failed[0] if failed else 0
            tick()
    finally:
        for process in running:
            reap(process, 2)
