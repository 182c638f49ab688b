"""What a row of the board promises can be read, however long the words beside it are."""

import pytest

from core import clock
from incidents.models import Incident
from tests import make

pytestmark = pytest.mark.browser

CUT = """[...document.querySelectorAll('.board-rows .c-sla .cut')]
    .map(each => [each.textContent, each.scrollWidth > each.clientWidth])"""


@pytest.mark.parametrize("width", [1440, 1280, 1000, 390])
def test_the_name_of_the_next_promise_is_not_cut(desk, world, width):
    service = world.incident.service
    for number in range(3):
        make.incident(
            service=service,
            now=clock.now(),
            title=f"Number {number}: " + "no fresh features for anybody " * 6,
        )
    Incident.objects.update(last_entry="Somebody wrote a long line about all that was seen and done " * 3)
    lead = desk(world.lead, width=width)
    lead.go("/incidents/")
    found = lead.page.evaluate(CUT)
    assert found == [["Acknowledge", False]] * 4
    assert lead.overflow() <= 0
