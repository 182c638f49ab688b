"""Does it answer? The web server's readiness, and a database that was given from outside."""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psycopg

from config.supervisor.errors import SupervisorError

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - only compared


@dataclass(frozen=True)
class Address:
    """Where the web server listens, and how a person or the health check reaches it."""

    host: str
    port: int

    @property
    def reach(self) -> str:
        """The address to connect to: for a server that listens everywhere, the loopback."""
        return _EVERYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        return f"http://{f'[{self.reach}]' if ':' in self.reach else self.reach}:{self.port}"


def trouble(address: Address, path: str, env: Mapping[str, str]) -> str:
    """Empty when `path` answers 200 within three seconds, else what it said instead."""
    link = http.client.HTTPConnection(address.reach, address.port, timeout=3)
    try:
        link.request("GET", path, headers={"Host": _host_header(address, env), "Accept": "application/json"})
        answer = link.getresponse()
        said = answer.read(400).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        link.close()
    return "" if answer.status == 200 else f"{answer.status} {said}"


def require_database(url: str, wait: Callable[[float], None], *, seconds: float = 30) -> None:
    """Give the operator's own database time to come up; `wait` sleeps between tries.

    Raises SupervisorError with the database's last words.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.Error as error:
            if time.monotonic() > end:
                raise SupervisorError(f"DATABASE_URL does not answer: {str(error).strip()}") from error
            wait(0.5)
        else:
            return


def _host_header(address: Address, env: Mapping[str, str]) -> str:
    """A name that the portal accepts: its first allowed host, else the address itself."""
    for name in env.get("MAINSTAY_ALLOWED_HOSTS", "").split(","):
        plain = name.strip()
        if plain and not plain.startswith((".", "*")):
            return plain
    return address.url.removeprefix("http://")
