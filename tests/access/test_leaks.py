"""Client B's person sees nothing of client A's: after something of A's was put where it could be seen."""

import pytest
from django.urls import reverse

from core import clock
from core.types import person
from incidents.choices import Visibility
from incidents.domain.lifecycle import note
from tests.access.matrix import OWN_CREDENTIAL, ROLES, ROWS, Row
from tests.access.world import SECRET, World, caller

pytestmark = pytest.mark.django_db
INSIDE = "okapi-crossing"  # stands in lines for the support organisation only
READS = [row for row in ROWS if row.method == "get" and row.name not in OWN_CREDENTIAL]


def text(row: Row, role: str, world: World) -> str:
    answer = caller(role, world).get(reverse(row.name, kwargs=row.url(world)) + row.query)
    return answer.content.decode(errors="replace")


@pytest.mark.parametrize("row", [row for row in READS if row.codes[ROLES.index("theirs")] == 200], ids=str)
def test_another_client_reads_nothing_of_ours(row: Row, world: World):
    assert SECRET not in text(row, "theirs", world)


@pytest.mark.parametrize(
    "name",
    [
        "services:list",
        "services:objectives",
        "services:maintenance",
        "services:uptime",
        "incidents:board",
        "monitoring:alerts",
        "service-list",
        "objective-list",
        "impact-window-list",
        "maintenance-window-list",
        "incident-list",
        "alert-list",
    ],
)
def test_these_pages_could_have_leaked(name: str, world: World):
    row = next(row for row in READS if row.name == name)
    assert SECRET in text(row, "ours", world)


@pytest.mark.parametrize("query", [f"?search={SECRET}", f"?q={SECRET}", f"?service=scorer-{SECRET}"])
@pytest.mark.parametrize(
    "name",
    ["services:list", "incidents:board", "monitoring:alerts", "incident-list", "alert-list", "numbers"],
)
def test_a_question_that_names_it_finds_it_no_more(name: str, query: str, world: World):
    url = reverse(name)
    found = caller("theirs", world).get(url + query).content.decode()
    for asked in (
        query,
        f'value="{SECRET}"',
        f"“{SECRET}”",
        SECRET.join(("search=", "")),
        SECRET.join(("q=", "")),
    ):
        found = found.replace(asked, "")
    assert f"Down {SECRET}" not in found and f"Late {SECRET}" not in found and f"Bank {SECRET}" not in found


@pytest.mark.parametrize("query", ["?q=", "?search="])
@pytest.mark.parametrize("name", ["core:search", "core:palette"])
def test_search_finds_only_what_the_reader_may_open(name: str, query: str, world: World):
    url = f"{reverse(name)}{query}{SECRET.split('-')[0]}"
    assert f"Down {SECRET}" not in caller("theirs", world).get(url).content.decode()


@pytest.mark.parametrize("name", ["incidents:detail", "incidents:spine", "incident-timeline"])
def test_the_client_does_not_read_what_support_says_among_itself(name: str, world: World):
    lead = world.people["lead"]
    note(
        world.incident,
        actor=person(lead),
        now=clock.now(),
        text=f"{INSIDE} is to blame",
        visibility=Visibility.INTERNAL,
    )
    row = next(row for row in READS if row.name == name)
    assert (INSIDE in text(row, "responder", world), INSIDE in text(row, "ours", world)) == (True, False)
