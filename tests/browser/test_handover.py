"""A hand-over on paper and on a phone: completed in place, published, accepted."""

import pytest

from core import clock
from rotas.domain.handovers import draft
from rotas.models import Cover, Handover, Rota
from tests.rotas.make import HOUR, item

pytestmark = pytest.mark.browser


@pytest.fixture
def row(world) -> Handover:
    """Drafted by the real verb where Grace goes and Brian comes, an hour ago."""
    made, now = Rota.objects.get(), clock.now().replace(microsecond=0)
    at = now - HOUR
    for start, end, user in ((at - 8 * HOUR, at, world.responder), (at, at + 8 * HOUR, world.lead)):
        Cover.objects.create(rota=made, starts_at=start, ends_at=end, user=user, derived_at=now)
    row = draft(made, at, now)
    item(row, "Badge reader of the server room is broken", owner=None, next_action="", carried=3)
    return row


@pytest.mark.parametrize("width", [1440, 390])
def test_its_pages_are_accessible_and_quiet(desk, world, row, width):
    grace = desk(world.responder, width=width)
    wrong = {}
    for path in ("/", "/rotas/handovers/", f"/rotas/handovers/{row.pk}/"):
        grace.errors.clear()
        page = grace.go(path)
        page.wait_for_load_state("load")
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        assert grace.status == 200
        wrong[path] = [*grace.axe(), *grace.errors]
        if grace.overflow() > 0:
            wrong[path].append(f"{grace.overflow()} px wider than the screen")
    assert not any(wrong.values()), wrong


def test_from_draft_to_accepted_on_two_phones(desk, world, row):
    grace, brian = desk(world.responder, width=390), desk(world.lead, width=390)
    page = grace.go("/rotas/handovers/")
    page.get_by_role("link", name="Complete and publish").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("has no owner and no next action").first.wait_for()

    broken = page.locator(".handover-item").filter(has_text="Badge reader")
    broken.get_by_text("Edit", exact=True).click()
    broken.get_by_label("Next action").fill("Ring the landlord at nine")
    broken.get_by_label("Owner").select_option(label=str(world.lead))
    broken.get_by_role("button", name="Keep it").click()
    page.locator(".handover-item").filter(has_text="Ring the landlord").wait_for()
    page.get_by_text("Give away what has no owner").click()
    page.get_by_label("Whoever has no owner yet goes to").select_option(label=str(world.lead))
    page.get_by_role("button", name="Give it").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("It is published").first.wait_for()

    other = brian.go("/rotas/handovers/")
    other.get_by_role("link", name="Read and accept").click()
    other.get_by_role("button", name="Accept", exact=True).first.click()
    other.get_by_text("accepted", exact=False).first.wait_for()
    other.locator("header").get_by_role("button", name="Accept").click()
    other.get_by_text("The hand-over is accepted.").first.wait_for()
    row.refresh_from_db()
    assert (row.state, row.published_by, {each.accepted_by for each in row.items.all()}) == (
        "accepted",
        world.responder,
        {world.lead},
    )
