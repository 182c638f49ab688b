"""Planning a pattern and swapping a shift, as people do it: looked at, kept, taken, and undone."""

import re

import pytest

from core import clock
from core.zones import to_local
from rotas.domain import covering
from rotas.models import Rota, RotaVersion, Swap
from rotas.queries.oncall import on_call
from tests import make
from tests.browser.conftest import PASSWORD
from tests.rotas.make import DAY, layer, rota

pytestmark = pytest.mark.browser
WALL = "%Y-%m-%dT%H:%M"


@pytest.mark.parametrize("width", [1440, 390])
def test_a_pattern_is_planned_looked_at_kept_and_undone(desk, world, width):
    brian = desk(world.lead, width=width)
    made = Rota.objects.get(slug="l1")
    starts = (to_local(clock.now(), made.zone) + 10 * DAY).replace(hour=9, minute=0, second=0)
    page = brian.go("/rotas/l1/")
    page.get_by_role("link", name="Plan a pattern").click()
    page.wait_for_url("**/rotas/l1/plan/")
    page.locator("[name=starts_at]").fill(starts.strftime(WALL))
    page.locator("[name=note]").fill("Brian helps")
    page.locator("[name=layer-0-turns]").fill("Grace Wanjiku\nBrian Otieno")
    page.locator("[name=layer-0-length]").fill("1")
    page.locator("[name=layer-0-unit]").select_option("daily")
    page.locator("[name=layer-0-anchor]").fill(starts.strftime(WALL))
    page.locator("#plan-form .plan-verbs").get_by_role("button", name="Look at it").click()

    page.get_by_text("Who gains, who loses").wait_for()
    assert not RotaVersion.objects.exists()
    assert (brian.overflow(), brian.axe()) == (0, [])
    assert page.locator("[name=note]").input_value() == "Brian helps"
    page.get_by_role("button", name="Keep it").click()

    page.wait_for_url("**/rotas/l1/")
    page.get_by_text("The pattern is kept.").wait_for()
    version = RotaVersion.objects.get()
    after = version.starts_at + DAY
    assert on_call(made, after) == [world.lead]
    page.get_by_role("button", name=re.compile("Take (it )?back")).first.click()
    page.get_by_text("The pattern is taken back.").wait_for()
    version.refresh_from_db()
    assert version.undone_at is not None
    assert on_call(made, after) == [world.responder]
    assert brian.errors == []


@pytest.fixture
def nights(world) -> Rota:
    """Grace and Brian take daily turns from today on; it is written down."""
    now = clock.now()
    made = rota(name="Nights", slug="nights", team=Rota.objects.get(slug="l1").team, zone="Africa/Nairobi")
    layer(made, world.responder, world.lead, anchor=now.replace(hour=0, minute=0, second=0, microsecond=0))
    covering.derive(made.pk, now)
    return made


@pytest.mark.parametrize("width", [1440, 390])
def test_a_shift_is_offered_taken_and_undone(desk, world, nights, width):
    dalia = make.user(name="Dalia Njeri", site=world.responder.site, password=PASSWORD)
    grace, other = desk(world.responder, width=width), desk(dalia, width=width)
    page = grace.go("/rotas/swaps/")
    form = page.locator("#offer form")
    shift = form.locator("[name=which] option").filter(has_text="Nights").first
    form.locator("[name=which]").select_option(value=shift.get_attribute("value"))
    form.locator("[name=taker]").select_option(label="Dalia Njeri")
    form.locator("[name=note]").fill("My sister marries")
    form.get_by_role("button", name="Offer it").click()
    page.get_by_text("The shift is offered.").wait_for()
    page.get_by_role("heading", name="Your offers").wait_for()
    swap = Swap.objects.get()
    at = swap.starts_at + (swap.ends_at - swap.starts_at) / 2
    assert (swap.state, on_call(nights, at)) == ("offered", [world.responder])

    theirs = other.go("/rotas/swaps/")
    theirs.locator("li.override").filter(has_text="My sister marries").wait_for()
    assert (other.overflow(), other.axe()) == (0, [])
    theirs.get_by_role("button", name="Take it").click()
    theirs.get_by_text("The shift is yours.").wait_for()
    swap.refresh_from_db()
    assert (swap.state, on_call(nights, at)) == ("accepted", [dalia])

    page = grace.go("/rotas/swaps/")
    taken = page.locator("li.override").filter(has_text="My sister marries")
    taken.get_by_text("Accepted").wait_for()
    taken.get_by_role("button", name="Undo").click()
    page.get_by_text("Everybody has their own shifts again.").wait_for()
    swap.refresh_from_db()
    assert (swap.state, on_call(nights, at)) == ("undone", [world.responder])
    assert [*grace.errors, *other.errors] == []


def test_somebody_by_name_is_called_from_a_phone(desk, world):
    grace = desk(world.responder, width=390)
    page = grace.go(f"/incidents/{world.incident.ref}/")
    page.get_by_role("link", name="More verbs").click()
    page.locator("#rail").get_by_role("button", name=re.compile("^Escalate")).click()
    dialog = page.locator("dialog[open]")
    people = dialog.locator("[name=person]")
    people.locator("option").filter(has_text="Brian Otieno").wait_for(state="attached")
    steps = dialog.locator("[name=step] option")
    steps.filter(has_text="2 · Brian Otieno (named in the policy)").wait_for(state="attached")
    people.select_option(label="Brian Otieno")
    assert (grace.overflow(), grace.axe()) == (0, [])
    dialog.get_by_role("button", name="Call somebody now").click()
    page.get_by_text("Grace Wanjiku escalated to Brian Otieno").first.wait_for()
    assert grace.errors == []
