"""`postgresql://user:password@host:port/name?host=/socket/dir` as Django settings."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_PLACES = {"host", "port", "user", "password", "dbname"}


def parse_database_url(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a PostgreSQL URL; further parameters of libpq are its OPTIONS.

    Raises ValueError for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must start with postgresql:// (Mainstay runs on PostgreSQL only).")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "mainstay",
        "USER": unquote(parts.username or query.get("user", "")),
        "PASSWORD": unquote(parts.password or query.get("password", "")),
        "HOST": query.get("host") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or query.get("port", "")),
        "OPTIONS": {name: value for name, value in query.items() if name not in _PLACES},
    }
