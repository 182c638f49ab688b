"""Cursors come from an address that anybody may write: what can't stand in the list's columns is refused."""

import base64
import json
from datetime import timedelta

import pytest

from core import pagination
from core.errors import Invalid
from core.pagination import paginate
from incidents.models import Incident
from services.models import Service
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NEWEST = ("-opened_at", "-pk")
AT = {"t": NOW.isoformat()}


def cursor(*values, raw=None):
    packed = raw if raw is not None else json.dumps([0, *values])
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


ODD = {
    "text for a key": cursor(AT, "x"),
    "a number for an instant": cursor(7, 7),
    "true for an instant": cursor(True, 7),
    "text for an instant": cursor("2026-01-01", 7),
    "true for a key": cursor(AT, True),
    "a fraction for a key": cursor(AT, 1.5),
    "a key that no row has": cursor(AT, 2**63),
    "an instant without zone": cursor({"t": "2026-01-01T00:00:00"}, 7),
    "an instant before all": cursor({"t": "0001-01-01T00:00:00+05:45"}, 7),
    "an instant after all": cursor({"t": "9999-12-31T23:59:59-05:00"}, 7),
    "no instant": cursor({"t": 7}, 7),
    "an instant in another frame": cursor({"x": ""}, 7),
    "an instant for a key": cursor(AT, AT),
    "nothing": cursor(None, None),
    "of a list with another order": cursor(7),
    "a number without end": cursor(raw="[0," + "9" * 5000 + ",1]"),
    "no JSON": "####",
    "not even text": "\ud800",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_cursor_that_fits_no_row_is_refused(odd):
    with pytest.raises(Invalid) as refusal:
        paginate(Incident.objects.all(), NEWEST, cursor=odd)
    assert list(refusal.value.fields) == ["cursor"]


@pytest.mark.parametrize("odd", [cursor("\ud800", 7), cursor("\x00", 7), cursor(7, 7), cursor(AT, 7)])
def test_so_is_a_name_that_is_none(odd):
    with pytest.raises(Invalid):
        paginate(Service.objects.all(), ("name", "pk"), cursor=odd)


@pytest.mark.parametrize("ordering", [("name", "pk"), ("-owning_team__name", "-pk")])
def test_our_own_cursors_lead_through_the_whole_list_and_back(ordering):
    made = {make.service(name=f"Store {n % 2} é").pk for n in range(5)}
    seen, at = [], ""
    while True:
        page = paginate(Service.objects.select_related("owning_team"), ordering, cursor=at, size=2)
        seen += [each.pk for each in page.items]
        if not page.next_cursor:
            break
        at = page.next_cursor
    before = paginate(Service.objects.all(), ordering, cursor=page.previous_cursor, size=2)
    assert (len(seen), set(seen)) == (5, made)
    assert [each.pk for each in before.items] == seen[2:4]


@pytest.mark.parametrize(
    "path", ["/api/v1/incidents/", "/incidents/?view=all&", "/api/v1/services/", "/alerts/", "/audit/"]
)
@pytest.mark.parametrize("odd", ["text for a key", "a number for an instant", "an instant after all"])
def test_lists_say_so_wherever_it_is_asked(client, path, odd):
    client.force_login(make.user("administrator"))
    answer = client.get(path + ("" if path.endswith("&") else "?") + f"cursor={ODD[odd]}")
    assert answer.status_code == 400


@pytest.mark.parametrize("limit", ["0" * 5_000 + "7", "9" * 5_000, "0", "201", "-1"])
def test_a_limit_is_a_short_number(client, limit):
    client.force_login(make.user())
    assert client.get("/api/v1/incidents/", {"limit": limit}).status_code == 400


@pytest.mark.parametrize("probed", [0, 3, 2_000], ids=["by words", "half looked through", "in order"])
@pytest.mark.parametrize(
    "asked", ["search=late", "search=late&severity=SEV2", "search=nowhere&severity=SEV2"]
)
def test_words_and_filters_find_the_same_whichever_way_they_are_looked_for(
    monkeypatch, client, probed, asked
):
    monkeypatch.setattr(pagination, "PROBED", probed)
    client.force_login(make.user())
    for n in range(8):
        title = "Pipeline late" if n % 4 else "Model drifts"
        severity = ("SEV2", "SEV3")[n % 2]
        make.incident(
            title=f"{title} {n}", severity=severity, severity_reason="as told", now=NOW + n * MINUTE
        )
    found, url = [], f"/api/v1/incidents/?limit=1&{asked}"
    while url:
        page = client.get(url).json()
        found += [row["title"] for row in page["results"]]
        url = page["next"]
    wanted = {
        "search=late": [7, 6, 5, 3, 2, 1],
        "search=late&severity=SEV2": [6, 2],
        "search=nowhere&severity=SEV2": [],
    }
    assert found == [f"Pipeline late {n}" for n in wanted[asked]]
    board = client.get(f"/incidents/?view=all&{asked}")
    assert [row.incident.title for group in board.context["groups"] for row in group.rows] == found
