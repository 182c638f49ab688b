"""What was typed outlives a session that ended; what failed is said, and said once."""

import re

import pytest
from django.contrib.sessions.models import Session

from core import clock
from core.types import SYSTEM
from incidents.domain import lifecycle
from incidents.models import Entry, Incident
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser
WORDS = "Upstream job was skipped twice; asked the data team."
DRAFTS = "Object.keys(localStorage).filter((name) => name.startsWith('draft:'))"


def sign_in_again(page, person):
    page.wait_for_url(re.compile(r"/sign-in\?next="))
    page.fill("input[name=username]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")


def test_a_note_written_in_a_session_that_ended_waits_in_its_place(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.fill("#say", WORDS)
    Session.objects.all().delete()

    page.locator("#composer button[type=submit]").click()
    sign_in_again(page, world.responder)

    page.wait_for_url(f"**/incidents/{world.incident.ref}/")
    assert page.locator("#say").input_value() == WORDS
    assert not Entry.objects.filter(text__contains=WORDS).exists()

    page.locator("#composer button[type=submit]").click()
    page.locator("#spine").get_by_text(WORDS).first.wait_for()
    assert page.locator("#say").input_value() == ""
    assert page.evaluate(DRAFTS) == []


def test_a_report_written_in_a_session_that_ended_is_there_again_and_goes_once_it_arrived(desk, world):
    grace = desk(world.responder)
    page = grace.go("/incidents/new/")
    page.fill("[name=service]", world.incident.service.slug)
    page.fill("[name=title]", "Scores stand still")
    page.fill("[name=summary]", WORDS)
    page.locator("[name=cell]").first.check(force=True)
    Session.objects.all().delete()

    page.locator("form.inc-form button[type=submit]").last.click()
    sign_in_again(page, world.responder)

    page.wait_for_url("**/incidents/new/")
    assert page.locator("[name=summary]").input_value() == WORDS
    assert page.locator("[name=title]").input_value() == "Scores stand still"

    page.locator("form.inc-form button[type=submit]").last.click()  # refused: no cell was chosen this time
    page.locator("#cell_error").wait_for()
    assert page.evaluate(DRAFTS) != []

    page.locator("[name=cell]").first.check(force=True)
    page.locator("form.inc-form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/incidents/INC-\d+/$"))
    assert Incident.objects.filter(title="Scores stand still", summary=WORDS).count() == 1
    assert page.evaluate(DRAFTS) == []


def test_a_verb_that_failed_says_so(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.route("**/acknowledge/", lambda route: route.fulfill(status=500, body="<h1>500</h1>"))

    page.get_by_role("button", name=re.compile("Acknowledge")).first.click()

    toast = page.locator("#toasts .toast-ms")
    toast.wait_for()
    assert toast.all_inner_texts() == ["That did not work. Reload the page and look."]
    assert [error for error in grace.errors if "500" not in error] == []


def test_a_refusal_in_its_place_is_not_said_twice(desk, world):
    grace = desk(world.responder)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    now = clock.now()
    lifecycle.resolve(world.incident, actor=SYSTEM, now=now, note="done elsewhere")
    lifecycle.close(world.incident, actor=SYSTEM, now=now)

    page.get_by_role("button", name=re.compile("Acknowledge")).first.click()

    page.locator("#problem-rail [data-refusal]").wait_for()
    assert page.locator("#toasts .toast-ms").count() == 0
    assert page.locator("[data-refusal]").count() == 1
    assert [error for error in grace.errors if "409" not in error] == []
