"""Where a number leads: the list behind it."""

from urllib.parse import urlencode

from core import nav


def board(**params: str) -> str:
    """The board with these filters; empty ones are left out."""
    query = urlencode({name: value for name, value in params.items() if value})
    return f"{nav.url_of('incidents:board') or '/incidents/'}{'?' + query if query else ''}"


def incident(ref: str) -> str:
    """The page of an incident by its reference."""
    return f"{board()}{ref}/"


def service(slug: str) -> str:
    """The page of a service by its slug."""
    return f"{nav.url_of('services:list') or '/services/'}{slug}/"


def coverage() -> str:
    """Where too few are on call ahead; `?rota=` names one rota."""
    return nav.url_of("rotas:coverage") or "/rotas/coverage/"


def outbox() -> str:
    """What was sent to whom."""
    return nav.url_of("notifications:outbox")
