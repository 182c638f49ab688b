"""Calendars at addresses on the web: what may be called, and getting one. Bounded in time, size and redirects."""

import time
from typing import Final
from urllib.parse import urljoin

from core.http import outbound
from core.http.outbound import OutboundError

# For all of one calendar, however often its server sends us on.
SECONDS: Final = 10.0
MOST_HOPS: Final = 3
LONGEST_ADDRESS: Final = 1000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {"accept": "text/calendar, */*;q=0.5"}


class NoAddressError(ValueError):
    """An address that can't be called; the words say why and don't repeat it."""


class UnreadError(Exception):
    """A calendar that could not be read; the words are shown to its person and name its host at most."""


def checked(address: str) -> tuple[str, str]:
    """The address in the spelling that is called (`webcal` is https), and its host. Raises NoAddressError."""
    address = address.strip()
    scheme, colon, rest = address.partition(":")
    if scheme.lower() in {"webcal", "webcals"}:
        address = f"https{colon}{rest}"
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise NoAddressError("That is no URL.")
    try:
        found = outbound.parse(address)
    except OutboundError as error:
        raise NoAddressError(error.message) from error
    port = f":{found.port}" if found.port else ""
    return address, f"{found.host.decode()}{port}"[:255]


def fetch(address: str, *, most: int, seconds: float = SECONDS) -> bytes:
    """The calendar at an address: over public addresses only, `MOST_HOPS` redirects and `most` bytes at most.

    Each redirect is looked at as the first address was, so none leads inside, and none from https to http. Raises UnreadError.
    """
    deadline = time.monotonic() + seconds
    for _hop in range(MOST_HOPS + 1):
        left = deadline - time.monotonic()
        try:
            host = outbound.parse(address).host.decode()
            if left <= 0:
                raise OutboundError(f"{host} did not answer in time.")
            answer = outbound.get(address, headers=_HEADERS, seconds=left, most=most)
        except OutboundError as error:
            raise UnreadError(error.message) from error
        if answer.status in _REDIRECTS and answer.headers.get("location"):
            address = following(address, answer.headers["location"], host)
            continue
        if answer.status != 200:
            raise UnreadError(f"{host} answered {answer.status}.")
        if answer.was_cut:
            raise UnreadError(f"{host} sends more than {most // 1024**2} MB.")
        return answer.body
    raise UnreadError(f"{host} redirects too often.")


def following(address: str, location: str, host: str) -> str:
    """Where a redirect leads. Raises UnreadError for what is no URL, and from https to anything else."""
    try:
        found = urljoin(address, location)
    except ValueError as error:
        raise UnreadError(f"{host} redirects to what is no URL.") from error
    if address.lower().startswith("https:") and not found.lower().startswith("https:"):
        raise UnreadError(f"{host} redirects from https to something else.")
    return found
