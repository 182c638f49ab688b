"""Reading the environment, with errors that name the variable."""

import ipaddress
import os

YES = frozenset({"1", "true", "yes", "on"})


class BadSettingError(RuntimeError):
    """An environment variable holds something unusable."""


def text(name: str, default: str = "") -> str:
    """The variable, trimmed; `default` where it is absent or empty."""
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    """A whole number. Raises BadSettingError otherwise."""
    raw = text(name)
    if not raw:
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise BadSettingError(f"{name} must be a whole number, not {raw!r}.") from error


def flag(name: str, *, default: bool = False) -> bool:
    """1/true/yes/on or 0/false/no/off. Raises BadSettingError otherwise."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in YES:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise BadSettingError(f"{name} must be 1 or 0, not {raw!r}.")


def items(name: str) -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def networks(name: str) -> list[str]:
    """A comma-separated list of networks such as 10.2.0.0/16. Raises BadSettingError otherwise."""
    found = items(name)
    for part in found:
        try:
            ipaddress.ip_network(part)
        except ValueError as error:
            raise BadSettingError(f"{name} must list networks such as 10.2.0.0/16, not {part!r}.") from error
    return found
