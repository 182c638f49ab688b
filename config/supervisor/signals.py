"""Signals as facts to look at, not as exceptions out of nowhere."""

import os
import select
import signal
import time
from types import FrameType

from config.supervisor.errors import StopRequestedError


class Signals:
    """Turns SIGTERM, SIGINT and SIGHUP into a note, and a child's death into an early wake-up.

    Nothing is raised from a handler, so no child is ever lost between its start and our noting it.
    """

    def __init__(self) -> None:
        self.last_heard: float | None = None
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
            signal.signal(signal.SIGHUP, self._heard)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def wait(self, seconds: float) -> None:
        """Sleep, but wake for any signal. Raises StopRequestedError once one has asked us to stop."""
        if self.last_heard is None and select.select([self._read], [], [], seconds)[0]:
            os.read(self._read, 4096)
        if self.last_heard is not None:
            raise StopRequestedError

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self.last_heard = time.monotonic()
