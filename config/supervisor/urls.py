"""Where PostgreSQL and Redis are: as given, else the embedded ones, else nowhere, said plainly.

Settings call this for every command, so it only reads a file. A command that needs no server still
works with the URL that leads nowhere; one that connects gets an error which says what to do.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from config.supervisor.home import home_dir
from config.supervisor.ready import Address
from config.supervisor.state import running_at, running_servers

POSTGRES_ABSENT = "The embedded PostgreSQL is not running. Start it with `make run` or set DATABASE_URL."
REDIS_ABSENT = "The embedded Redis is not running. Start it with `make run` or set REDIS_URL."

# libpq takes a host that begins with / for a socket folder, and its error repeats the folder's name
# (a comma would begin another host, so the sentence has none).
_NO_DATABASE = f"postgresql://mainstay@/mainstay?host={quote('/ ' + POSTGRES_ABSENT)}"
# Port 1 of the loopback refuses at once; a made-up host name would be asked of a resolver.
_NO_REDIS = "redis://127.0.0.1:1/0"


def database_url(env: Mapping[str, str]) -> str:
    """DATABASE_URL, else the running embedded server's, else one whose connection error says what to do."""
    given = env.get("DATABASE_URL", "").strip()
    return given or embedded_database_url(home_dir(env)) or _NO_DATABASE


def redis_url(env: Mapping[str, str]) -> str:
    """REDIS_URL, else the running embedded server's, else one that refuses every connection at once."""
    given = env.get("REDIS_URL", "").strip()
    return given or embedded_redis_url(home_dir(env)) or _NO_REDIS


def embedded_database_url(home: Path) -> str:
    """The URL of the PostgreSQL that runs in this home; empty when none runs."""
    return running_servers(home / "run").get("DATABASE_URL", "")


def embedded_redis_url(home: Path) -> str:
    """The URL of the Redis that runs in this home; empty when none runs."""
    return running_servers(home / "run").get("REDIS_URL", "")


def public_url(env: Mapping[str, str]) -> str:
    """How people reach the portal: as given, else where it runs on this home, else where it would by HOST and PORT."""
    given = env.get("MAINSTAY_PUBLIC_URL", "").strip()
    if not given and not (env.get("HOST", "").strip() or env.get("PORT", "").strip()):
        given = running_at(home_dir(env) / "run")
    port = env.get("PORT", "").strip()
    where = Address(env.get("HOST", "").strip() or "127.0.0.1", int(port) if port.isdecimal() else 8000)
    return (given or where.url).rstrip("/")


def leads_nowhere(url: str) -> bool:
    """Whether `url` is the stand-in for a server that is neither given nor running."""
    return url in {_NO_DATABASE, _NO_REDIS}
