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


def test_owners_and_messages_come_when_they_are_opened(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.locator("#p-told summary").click()
    page.locator("#p-told li").first.wait_for()
    page.keyboard.press("s")
    options = page.locator("dialog[open] select[name=owner] option")
    options.filter(has_text="Brian Otieno").wait_for(state="attached")
    page.locator("dialog[open] select[name=owner]").select_option(label="Brian Otieno")
    page.locator("dialog[open] button[type=submit]").click()
    page.get_by_text("gave it to Brian Otieno").first.wait_for()
    world.incident.refresh_from_db()
    assert world.incident.owner == world.lead
    assert grace.errors == []


def test_a_link_is_attached_from_the_composer(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.keyboard.press("l")
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=url]").fill("https://grafana.example/d/abc")
    dialog.locator("[name=title]").fill("Lag by view")
    dialog.get_by_role("button", name="Attach a link").click()
    link = page.get_by_role("link", name=re.compile("Lag by view"))
    link.first.wait_for()
    assert link.first.get_attribute("href") == "https://grafana.example/d/abc"
    assert grace.axe() == []
    assert grace.errors == []
