"""What can stand in the way of a start."""

from pathlib import Path


class SupervisorError(RuntimeError):
    """Something is in the way; the message says what, and what to do about it."""

    exit_code = 1


class AlreadyRunningError(SupervisorError):
    """Another supervisor holds this home."""

    exit_code = 3


class PortInUseError(SupervisorError):
    """Somebody else listens where the web server should."""

    exit_code = 4


class StopRequestedError(Exception):
    """A signal asked us to stop while we were waiting for something."""


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log file, indented; empty when there is none."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])
