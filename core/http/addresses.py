"""Which addresses Mainstay may connect to: public ones, and those of networks the operator has named."""

import ipaddress
from functools import lru_cache

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Cloud machines ask these who they are and get credentials: no list lets them through.
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "fd00:ec2::254")
)
# IPv6 addresses that hide an IPv4 one or are history: mapped, compatible, NAT64, 6to4, Teredo, site-local.
_DISGUISES = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::ffff:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "fec0::/10",
    )
)


def may_connect(address: str, *, trusted: bool = False) -> bool:
    """Whether a connection to this IP address (text) may be made.

    Public unicast addresses, and networks of `MAINSTAY_OUTBOUND_ALLOW`. `trusted` means that the operator
    has set the address, not a user: then inside ones too. Nobody gets to a metadata service. What is no IP
    address, a name for instance, is refused.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    hidden = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    if found in _METADATA or hidden in _METADATA or getattr(found, "scope_id", None):
        return False
    if trusted or any(found in network for network in _allowed()):
        return True
    return _public(found)


def _public(address: Address) -> bool:
    if any(address in network for network in _DISGUISES):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _allowed() -> tuple[Network, ...]:
    return _networks(tuple(str(network) for network in settings.MAINSTAY_OUTBOUND_ALLOW))


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)
