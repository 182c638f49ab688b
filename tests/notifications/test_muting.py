"""What somebody does without."""

import pytest
from django.urls import reverse

from core.errors import Invalid
from core.types import person
from notifications.domain.muting import mute, muted_by
from notifications.domain.outbox import announce
from notifications.types import Announcement
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def tell(user, kind) -> int:
    return len(announce(Announcement(f"{kind}:1", kind, "ordinary", "Words"), [user], now=NOW))


def test_an_optional_kind_is_left_out_and_comes_again():
    anna = make.user()
    mute(anna, ["rota.gap"], actor=person(anna), now=NOW)
    assert tell(anna, "rota.gap") == 0
    mute(anna, [], actor=person(anna), now=NOW)
    assert tell(anna, "rota.gap") == 1


def test_a_call_always_comes():
    anna = make.user()
    with pytest.raises(Invalid, match="always come"):
        mute(anna, ["incident.page"], actor=person(anna), now=NOW)
    anna.muted_kinds.create(kind="incident.page")
    assert tell(anna, "incident.page") > 0


def test_the_panel_keeps_what_is_ticked(client):
    anna = make.user()
    client.force_login(anna)
    page = client.get(reverse("notifications:my_rules")).content.decode()
    assert "Gap ahead" in page
    client.post(reverse("notifications:my_rules"), {"act": "kinds", "kind": ["rota.swap", "made-up"]})
    assert "rota.swap" not in muted_by(anna)
    assert {"rota.gap", "rota.leave"} <= muted_by(anna)
    shown = client.get(reverse("notifications:my_rules")).content.decode()
    assert shown.count(" checked") == 1
