"""Names that stand for nobody (RFC 2606): what goes there is kept, not sent. So a demo never leaves the house."""

from notifications.types import Outcome

_RESERVED = ("example.com", "example.net", "example.org", "example", "invalid")
HELD = Outcome("held", "An example address: nobody is there, so it is kept in the outbox.")


def is_example(host: str) -> bool:
    """Whether the host is one of an example."""
    name = f".{host.lower().rstrip('.')}"
    return any(name.endswith(f".{reserved}") for reserved in _RESERVED)
