"""Push and chat services by Apprise URL. Apprise says yes or no, so a no is tried again until attempts end."""

import hashlib
import importlib
from functools import lru_cache
from typing import Any

from django.conf import settings

from core.http.guard import guarded
from notifications.channels.base import SENT
from notifications.channels.examples import HELD, is_example
from notifications.choices import Channel, Urgency
from notifications.types import DeliveryError, Outcome, Outgoing

CONNECT_SECONDS = 4.0
READ_SECONDS = 6.0
# Parameters with which a URL would have files of this machine read, fetched or kept.
_FORBIDDEN = frozenset({"template", "keyfile", "subfile", "config"})
_FORBIDDEN_FAMILIES = ("attach", "pgp", "pem")
_READS_FILES = "The URL has a parameter that reads files; leave that out."


class AppriseChannel:
    """One service a message. Connections are guarded: public addresses only, whatever a name or redirect says."""

    slug: str = Channel.APPRISE
    is_row = False

    def send(self, outgoing: Outgoing) -> Outcome:
        """Yes is sent. No is temporary: the library keeps the reason, which may hold a key, to itself."""
        try:
            service = _service(outgoing.address)
        except ValueError as error:
            raise DeliveryError(str(error), permanent=True) from error
        if is_example(str(getattr(service, "host", "") or "")):
            return HELD
        with guarded() as watch:
            try:
                answer = bool(
                    service.notify(
                        body=text_of(outgoing), title=outgoing.subject, notify_type=_type(outgoing)
                    )
                )
            except Exception as error:
                # its words may hold the URL; the cause is dropped with them
                raise DeliveryError(
                    f"{service.service_name} could not be asked ({type(error).__name__})."
                ) from None
        if answer:
            return SENT
        if watch.refused:
            raise DeliveryError(
                f"{service.service_name} leads to an address inside or reserved; it is not called.",
                permanent=True,
            )
        raise DeliveryError(f"{service.service_name} did not take it.")


def text_of(outgoing: Outgoing) -> str:
    """The text, where it leads and what can be done at once."""
    action = f"{outgoing.action_label}: {outgoing.action_url}" if outgoing.action_url else ""
    return "\n".join(part for part in (outgoing.body, outgoing.url, action) if part) or outgoing.subject


def hint_of(url: str) -> str:
    """What may be shown of the URL: the service, and four letters to tell two of them apart.

    Never a part of the URL: what is a host for one service is the key of another. Raises ValueError, in words
    without the URL, for one that can't be used.
    """
    service = _service(url)
    return f"{service.service_name} · {hashlib.sha256(url.encode()).hexdigest()[:4]}"


def _service(url: str) -> Any:
    scheme = url.partition("://")[0].lower()
    allowed = settings.MAINSTAY_APPRISE_SCHEMES
    if scheme not in allowed:
        raise ValueError(f"That service can't be used here. Usable are: {', '.join(sorted(allowed))}.")
    if ";" in url or "#" in url.rpartition("?")[0]:
        # for Apprise the one parts parameters and the other ends no path (slack://…/#general): readers don't agree
        raise ValueError("The URL has a ; or, before its parameters, a #; write them as %3B and %23.")
    names = _parameters(url)
    if names & _FORBIDDEN or any(name.startswith(_FORBIDDEN_FAMILIES) for name in names):
        raise ValueError(_READS_FILES)
    service = _library().Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)
    if service is None:
        raise ValueError("Apprise can't read that URL. See its page on the service for how it is written.")
    if getattr(service, "template", None):
        raise ValueError(_READS_FILES)
    # the URL may ask for other values: ours hold
    service.redirects = False
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    return service


def _parameters(url: str) -> set[str]:
    """The names of the URL's parameters as Apprise itself reads them."""
    reader = importlib.import_module("apprise.utils.parse")
    found = reader.parse_url(url, verify_host=False)
    return set(found["qsd"]) if found else set()


def _type(outgoing: Outgoing) -> Any:
    kind = _library().NotifyType
    return kind.FAILURE if outgoing.urgency == Urgency.URGENT else kind.INFO


@lru_cache(maxsize=1)
def _asset() -> Any:
    """Sends in the calling thread (the guard is there), follows no redirect, keeps and makes no file."""
    return _library().AppriseAsset(
        app_id="Mainstay",
        app_desc="Mainstay",
        app_url="",
        async_mode=False,
        service_timeout=0,
        http_redirects=False,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        secure_logging=True,
        image_url_mask="",
        image_url_logo="",
    )


@lru_cache(maxsize=1)
def _library() -> Any:
    """Loaded on first use: a quarter of a second that most processes never need."""
    return importlib.import_module("apprise")
