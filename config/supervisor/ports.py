"""Free ports, and who sits on one that isn't."""

import contextlib
import errno
import random
import socket

import psutil

from config.supervisor.errors import PortInUseError, SupervisorError

# Below the range that kernels hand to outgoing connections, so nothing takes the port by accident.
_FIRST, _LAST = 20_000, 31_999


def free_port(preferred: int | None = None) -> int:
    """A port on the loopback that nobody listens on; `preferred` if that one is free."""
    picks = random.SystemRandom()
    for port in [preferred or 0, *(picks.randint(_FIRST, _LAST) for _ in range(200))]:
        if port and _can_bind("127.0.0.1", port) is None:
            return port
    raise SupervisorError(f"No free port between {_FIRST} and {_LAST} on 127.0.0.1.")


def require_free(host: str, port: int) -> None:
    """Raises PortInUseError or SupervisorError where a web server could not listen on host and port."""
    number = _can_bind(host, port)
    if number is None:
        return
    if number == errno.EADDRINUSE:
        raise PortInUseError(
            f"Port {port} on {host} is in use{_by_whom(port)}. Choose another: PORT={port + 1} make run"
        )
    if number in {errno.EACCES, errno.EPERM}:
        raise SupervisorError(
            f"Port {port} on {host} is not allowed for this user. Choose one above 1024: PORT=8000 make run"
        )
    raise SupervisorError(f"HOST={host} is not an address of this machine. Try HOST=127.0.0.1 make run")


def _can_bind(host: str, port: int) -> int | None:
    """None if host and port can be bound now, else the error's number."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return None


def _by_whom(port: int) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port and link.pid:
                return f" (process {link.pid}, {psutil.Process(link.pid).name()})"
    return ""
