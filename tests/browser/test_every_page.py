"""Every page, at both widths and in both themes: WCAG A and AA, no error in the console, nothing sticks out."""

import pytest

from accounts.domain import action_links
from core import clock
from core.types import person
from incidents.domain.handoff import hand_off
from services.domain.agreements import draft
from services.domain.operating_model import publish
from services.domain.readiness import check_all
from services.models import Dependency
from tests import make
from tests.services import operating

pytestmark = pytest.mark.browser

TURNS = "document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished)"
PARTS = 4
BROUGHT = {"resource": "Redis 3", "metrics": "https://grafana.example/d/1"}
PAGES = [
    "/",
    "/incidents/",
    "/incidents/new/",
    "/incidents/{ref}/",
    "/incidents/?view=all",
    "/incidents/{ref}/edit/",
    "/incidents/{ref}/resolve/",
    "/alerts/",
    "/alerts/?view=unrouted",
    "/alerts/{alert}/",
    "/alerts/integrations/",
    "/services/",
    "/services/feature-store/",
    "/services/feature-store/boundaries/",
    "/services/feature-store/boundaries/?edit=1",
    "/services/feature-store/readiness/",
    "/services/agreements/",
    "/services/agreements/{agreement}/",
    "/services/agreements/{agreement}/diff/",
    "/services/agreements/{agreement}/try/?severity=SEV2&raised=2026-03-06T16:50&zone=Africa/Nairobi",
    "/services/agreements/{agreement}/publish/2/",
    "/incidents/terms/?agreement={agreement}",
    "/incidents/{ref}/promises/",
    "/services/operating-model/",
    "/services/operating-model/1/",
    "/services/standards/",
    "/services/objectives/",
    "/services/objectives/fresh/",
    "/services/maintenance/",
    "/services/uptime/",
    "/services/openslo/",
    "/rotas/",
    "/rotas/l1/",
    "/rotas/policies/",
    "/rotas/policies/{policy}/",
    "/runbooks/",
    "/runbooks/stale/",
    "/search/?q=stale",
    "/numbers/",
    "/messages/",
    "/messages/outbox/",
    "/messages/rules/",
    "/messages/contacts/",
    "/alerts/parked/",
    "/me/",
    "/audit/",
    "/engines/",
]


def _operating(world):
    """An operating model with something of each kind, and a look by all standards."""
    operating.defaults()
    service, now = world.incident.service, clock.now()
    operating.activity("paint", {"l1": "RA"}, service)
    Dependency.objects.create(upstream=service, downstream=make.service(slug="scorer", name="Scorer"))
    publish(note="First", actor=person(world.lead), now=now)
    check_all(now)
    draft(service.agreement, actor=person(world.lead), now=now)
    hand_off(world.incident, actor=person(world.responder), now=now, party="platform_ops", evidence=BROUGHT)


# In parts, so that no test comes near its time limit.
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_accessible_and_quiet(desk, world, width, part):
    _operating(world)
    lead = desk(world.lead, width=width)
    found = {}
    for path in PAGES[part::PARTS]:
        url = path.format(
            ref=world.incident.ref,
            alert=world.alert.pk,
            policy=world.policy.slug,
            agreement=world.incident.service.agreement.slug,
        )
        lead.errors.clear()
        lead.page.emulate_media(color_scheme="light")
        lead.go(url)
        lead.page.wait_for_load_state("load")
        if lead.status != 200:
            found[url] = [f"answered {lead.status}"]
            continue
        wrong = lead.axe()
        lead.page.emulate_media(color_scheme="dark")
        assert lead.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        lead.page.evaluate(f"Promise.all({TURNS})")  # colours take a moment to change
        wrong += [f"dark: {line}" for line in lead.axe()]
        wrong += lead.errors
        if lead.overflow() > 0:
            wrong.append(f"{lead.overflow()} px wider than the screen")
        if wrong:
            found[url] = wrong
    assert not found, "\n".join(f"{url}: {line}" for url, lines in found.items() for line in lines)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_door_is_accessible(desk, transactional_db, theme):
    stranger = desk(None, theme=theme)
    stranger.go("/sign-in")
    assert [*stranger.axe(), *stranger.errors] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_signed_link_on_a_phone(desk, world, theme):
    link = action_links.ActionLink(
        "incident.acknowledge", world.incident.ref, world.responder.pk, 1, clock.now()
    )
    phone = desk(None, width=390, theme=theme)
    phone.go(action_links.path_of(link))
    assert [*phone.axe(), *phone.errors, phone.overflow()] == [0]
    button = phone.page.locator("main button")
    assert button.bounding_box()["height"] >= 48
    button.click()
    phone.page.locator("[role=status]").get_by_text("You acknowledged it").wait_for()
    assert [*phone.axe(), *phone.errors, phone.overflow()] == [0]
    world.incident.refresh_from_db()
    assert (world.incident.state, world.incident.owner) == ("acknowledged", world.responder)
    phone.go("/do/cut-in-two/")
    assert (phone.status, phone.axe(), phone.overflow()) == (404, [], 0)
