"""Dialogs of an incident ask for their form when they open: by a click, a key, a link; and what was typed stays."""

import re

import pytest
from playwright.sync_api import expect

from core import clock
from core.types import SYSTEM
from incidents.domain import lifecycle

pytestmark = pytest.mark.browser


def resolving(page):
    return page.locator("#rail").get_by_role("button", name=re.compile("^Resolve"))


def test_opened_by_a_click_it_takes_focus_and_gives_it_back(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    assert page.locator("#do-resolve form").count() == 0

    resolving(page).click()

    expect(page.locator("#do-resolve [name=resolution]")).to_be_focused()
    assert page.locator("#do-resolve h2").inner_text() == "Resolve"
    assert grace.axe() == []
    page.keyboard.press("Escape")
    expect(page.locator("#do-resolve")).not_to_be_visible()
    expect(resolving(page)).to_be_focused()
    assert grace.errors == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_opened_by_a_link_of_another_page(desk, world, width, theme):
    grace = desk(world.responder, width=width, theme=theme)
    page = grace.go(f"/incidents/{world.incident.ref}/#do-hold")
    expect(page.locator("#do-hold [name=party]")).to_be_focused()
    assert "#" not in page.url
    assert (grace.overflow(), grace.axe(), grace.errors) == (0, [], [])


def test_opened_by_a_key_and_done_by_keys(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.keyboard.press("h")
    expect(page.locator("#do-hold [name=party]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Their new key")
    page.keyboard.press("Control+Enter")
    page.locator("#rail").get_by_text("Their new key").wait_for()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")
    assert grace.errors == []


def test_the_heading_is_there_before_the_form_and_a_form_that_fails_to_come_is_asked_again(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/resolve/", hold)

    resolving(page).click()
    dialog = page.locator("#do-resolve")
    expect(dialog.get_by_role("heading", name="Resolve")).to_be_visible()
    expect(dialog.get_by_text("One moment…")).to_be_visible()
    assert grace.axe() == []
    page.wait_for_function("true")
    held.pop().abort()

    again = dialog.get_by_role("button", name="Try again")
    expect(again).to_be_focused()
    expect(dialog.get_by_role("alert")).to_contain_text("The form did not arrive.")
    assert grace.axe() == []
    page.unroute("**/resolve/")
    again.click()
    expect(dialog.locator("[name=resolution]")).to_be_focused()
    assert [error for error in grace.errors if "ERR_FAILED" not in error] == []


def test_an_answer_that_is_no_form_is_not_shown(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.route("**/resolve/", lambda route: route.fulfill(status=500, body="<h1>Traceback</h1>"))
    resolving(page).click()
    page.locator("#do-resolve").get_by_text("The form did not arrive.").wait_for()
    assert page.get_by_text("Traceback").count() == 0


def test_what_was_typed_stays_after_a_refusal_and_after_closing(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.keyboard.press("h")
    reason = page.locator("#do-hold [name=reason]")
    reason.fill("Their new key")
    now = clock.now()
    lifecycle.resolve(world.incident, actor=SYSTEM, now=now, note="done elsewhere")
    page.locator("#do-hold button[type=submit]").click()
    page.locator("#problem-hold [data-refusal]").wait_for()
    expect(reason).to_have_value("Their new key")
    page.keyboard.press("Escape")
    page.evaluate("location.hash = '#do-hold'")
    expect(reason).to_have_value("Their new key")
    expect(page.locator("#do-hold [name=party]")).to_be_focused()
    assert [error for error in grace.errors if "409" not in error] == []


def test_opened_again_it_is_as_the_incident_is_now(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    resolving(page).click()
    page.locator("#do-resolve [name=resolution]").wait_for()
    page.keyboard.press("Escape")
    lifecycle.resolve(world.incident, actor=SYSTEM, now=clock.now(), note="done elsewhere")
    page.evaluate("location.hash = '#do-resolve'")
    page.locator("#do-resolve").get_by_text("The incident is resolved already.").wait_for()
    assert page.locator("#do-resolve form").count() == 0
    assert grace.axe() == []


def test_without_a_script_the_buttons_lead_to_the_same_forms(browser, desk, world):
    grace = desk(world.responder)
    state = grace.page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{grace.base}/incidents/{world.incident.ref}/")
    resolving(page).click()
    page.locator("main [name=note]").fill("Backfilled.")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"**/incidents/{world.incident.ref}/")
    world.incident.refresh_from_db()
    context.close()
    assert (world.incident.state, world.incident.resolution_note) == ("resolved", "Backfilled.")
