"""Sign in, see the alert become an incident, acknowledge it, resolve it: in a real browser."""

import re

import pytest

from tests.browser.conftest import tick

pytestmark = pytest.mark.browser


def test_sign_in_alert_acknowledge_resolve(desk, world):
    grace = desk(world.responder)
    ref = world.incident.ref
    page = grace.go("/incidents/")
    page.get_by_role("link", name=re.compile("customer_spend_7d")).first.click()
    page.wait_for_url(f"**/incidents/{ref}/")
    page.get_by_role("button", name=re.compile("Acknowledge")).first.click()
    page.get_by_text("Grace Wanjiku acknowledged").first.wait_for()
    tick()
    page.get_by_role("button", name=re.compile("^Resolve")).first.click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    dialog.locator("[name=note]").fill("Backfilled from the offline store.")
    dialog.get_by_role("button", name=re.compile("Resolve")).click()
    page.get_by_text("resolved it as fixed").first.wait_for()
    world.incident.refresh_from_db()
    assert (world.incident.state, world.incident.owner) == ("resolved", world.responder)
    assert world.incident.resolution_note == "Backfilled from the offline store."
    assert grace.errors == []
