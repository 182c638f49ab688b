"""Fixtures of messages."""

from collections.abc import Iterator

import pytest

from notifications import channels
from tests.notifications.messages import FakeChannel
from tests.notifications.smtp import smtp
from tests.receiver import LOOPBACK, Receiver, receiving

__all__ = ["smtp"]


@pytest.fixture(autouse=True)
def quiet(settings):
    """No doorbells: these tests call the engine themselves."""
    settings.MAINSTAY_NUDGES = False
    settings.MAINSTAY_PUBLIC_URL = "https://ops.test"


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """Somebody's receiver on loopback, which may be called."""
    settings.MAINSTAY_OUTBOUND_ALLOW = LOOPBACK
    with receiving() as found:
        yield found


@pytest.fixture
def webhook(monkeypatch) -> FakeChannel:
    """Webhooks that do as the test says."""
    fake = FakeChannel("webhook")
    monkeypatch.setitem(channels.CHANNELS, "webhook", fake)
    return fake


@pytest.fixture
def email(monkeypatch) -> FakeChannel:
    """E-mail that does as the test says."""
    fake = FakeChannel("email")
    monkeypatch.setitem(channels.CHANNELS, "email", fake)
    return fake


@pytest.fixture
def pager(monkeypatch) -> FakeChannel:
    """A third channel, as a plug-in would bring."""
    fake = FakeChannel("pager")
    monkeypatch.setitem(channels.CHANNELS, "pager", fake)
    return fake
