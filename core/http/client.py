"""Who is calling."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The caller's IP address. `X-Forwarded-For` counts only behind the configured number of own proxies."""
    address = request.META.get("REMOTE_ADDR", "")
    hops = settings.MAINSTAY_TRUSTED_PROXIES
    if hops:
        chain = [
            part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()
        ]
        if len(chain) >= hops:
            address = chain[-hops]
    try:
        # A zone (fe80::1%eth0) means something on one machine only, and no database takes it.
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return None
