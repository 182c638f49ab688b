"""Found by every Python of the stack through PYTHONPATH: gives one role a clock of its own.

Where the folder FAULTS_CLOCKS holds a file named like the role of this process (`web`, `worker`, `courier`,
`beat`), the process starts itself again, under the same number, with libfaketime reading that file. What is
written into the file later moves the clock of the running process. Monotonic time is left alone.
"""

import os
import select
import sys
import time
from pathlib import Path

ROLES = {
    "beat": "beat",
    "--hostname=worker@%h": "worker",
    "--hostname=courier@%h": "courier",
    "granian": "web",
}


def _wrong_clock() -> None:
    words = sys.orig_argv
    if "FAKETIME_TIMESTAMP_FILE" in os.environ:
        # libfaketime takes a sleep until a monotonic moment for one until an hour, and fails it.
        time.sleep = lambda seconds: select.select([], [], [], seconds) and None
        return
    role = next((ROLES[word] for word in words if word in ROLES), "")
    wanted = Path(os.environ.get("FAULTS_CLOCKS", "")) / role
    if not role or not wanted.is_file():
        return
    changed = {
        "LD_PRELOAD": os.environ["FAULTS_LIBFAKETIME"],
        "FAKETIME_TIMESTAMP_FILE": str(wanted),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    os.execve(sys.executable, words, {**os.environ, **changed})


_wrong_clock()
