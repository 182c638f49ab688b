"""What an address of a contact point looks like, and what may be shown of it."""

from dataclasses import dataclass, field
from email.headerregistry import Address

from core.http.outbound import OutboundError, parse
from notifications.channels import apprise
from notifications.choices import Channel

LONGEST = 1000


class BadAddressError(ValueError):
    """An address that can't be used; the words say why and don't repeat it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An address in its one spelling, and a hint that names it without giving it away."""

    address: str = field(repr=False)
    hint: str = ""


def check(kind: str, address: str) -> Checked:
    """The address, if messages can be sent to it. Raises BadAddressError."""
    address = address.strip()
    if not address or len(address) > LONGEST or not address.isprintable():
        raise BadAddressError("That is no address.")
    if kind == Channel.EMAIL:
        return _email(address)
    if kind == Channel.WEBHOOK:
        return _webhook(address)
    try:
        return Checked(address, apprise.hint_of(address))
    except ValueError as error:
        raise BadAddressError(str(error)) from error


def _email(address: str) -> Checked:
    try:
        found = Address(addr_spec=address)
    except (ValueError, IndexError) as error:
        raise BadAddressError("That is no e-mail address.") from error
    if not found.username or "." not in found.domain or len(address) > 254 or not address.isascii():
        raise BadAddressError("That is no e-mail address.")
    spelling = f"{found.username}@{found.domain}".lower()
    return Checked(spelling, f"{found.username[:2].lower()}***@{found.domain.lower()}")


def _webhook(address: str) -> Checked:
    try:
        found = parse(address)
    except OutboundError as error:
        raise BadAddressError(error.message) from error
    port = f":{found.port}" if found.port else ""
    scheme, host = found.scheme.decode(), found.host.decode()
    return Checked(f"{scheme}://{host}{port}{found.target.decode()}", f"{host}{port}")
