"""Every page, at both widths and in both themes: WCAG A and AA, no error in the console, nothing sticks out."""

import pytest

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/incidents/",
    "/incidents/new/",
    "/incidents/{ref}/",
    "/incidents/?view=all",
    "/incidents/{ref}/edit/",
    "/alerts/",
    "/alerts/?view=unrouted",
    "/alerts/{alert}/",
    "/alerts/integrations/",
    "/services/",
    "/services/feature-store/",
    "/rotas/",
    "/rotas/l1/",
    "/runbooks/",
    "/runbooks/stale/",
    "/search/?q=stale",
    "/numbers/",
    "/messages/",
    "/messages/outbox/",
    "/messages/rules/",
    "/alerts/parked/",
    "/me/",
    "/audit/",
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_accessible_and_quiet(desk, world, width, theme):
    lead = desk(world.lead, width=width, theme=theme)
    found = {}
    for path in PAGES:
        url = path.format(ref=world.incident.ref, alert=world.alert.pk)
        lead.errors.clear()
        lead.go(url)
        lead.page.wait_for_load_state("load")
        if lead.status != 200:
            found[url] = [f"answered {lead.status}"]
            continue
        wrong = [*lead.axe(), *lead.errors]
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
