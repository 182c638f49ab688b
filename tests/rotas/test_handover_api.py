"""The API of hand-overs."""

import pytest
from rest_framework.test import APIClient

from rotas.models import Handover
from tests import make
from tests.make import NOW
from tests.rotas.make import DAY, handover, item, rota

pytestmark = pytest.mark.django_db
URL = "/api/v1/handovers/"


@pytest.fixture
def row(amina, brian):
    return handover(rota(name="Nights", slug="nights"), [amina], [brian])


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def if_match(version) -> dict:
    return {"If-Match": f'"{version}"'}


def test_they_are_listed_newest_first_and_narrowed(row, amina, brian):
    newer = handover(row.rota, [brian], [amina], at=NOW + DAY, state="published")
    other = handover(rota(), at=NOW - DAY)
    client = api(amina)

    def ids(query=""):
        return [each["id"] for each in client.get(URL + query).json()["results"]]

    assert ids() == [newer.pk, row.pk, other.pk]
    assert ids("?rota=nights") == [newer.pk, row.pk]
    assert ids("?state=draft&rota=nights") == [row.pk]
    assert ids(f"?before={NOW.isoformat()}".replace("+", "%2B")) == [other.pk]


def test_one_says_all_of_it(row, amina, brian):
    thing = item(row, "Look", source="alert:7", section="alerts", carried=2)
    answer = api(make.user()).get(f"{URL}{row.pk}/")
    found = answer.json()
    assert answer["ETag"] == '"1"'
    assert (found["rota"], found["state"], found["version"]) == ("nights", "draft", 1)
    assert [each["email"] for each in found["outgoing"] + found["incoming"]] == [amina.email, brian.email]
    (said,) = found["items"]
    assert (said["id"], said["source"], said["owner"], said["carried"]) == (
        thing.pk,
        "alert:7",
        brian.email,
        2,
    )
    assert "items" not in api(amina).get(URL).json()["results"][0]


def test_it_is_completed_published_and_accepted(row, amina, brian):
    client = api(amina)
    url = f"{URL}{row.pk}/"
    answer = client.patch(url, {"summary": "Quiet"}, format="json", headers=if_match(1))
    assert (answer.status_code, answer.json()["summary"], answer["ETag"]) == (200, "Quiet", '"2"')
    answer = client.post(f"{url}items/", {"title": "Badge reader"}, format="json")
    (thing,) = answer.json()["items"]
    assert (answer.status_code, thing["section"]) == (201, "notes")
    answer = client.post(f"{url}publish/")
    assert (answer.status_code, answer.json()["error"]["fields"]) == (
        400,
        {f"items.{thing['id']}": "no owner and no next action"},
    )
    change = {"owner": brian.email, "next_action": "Ring", "due_at": "2026-03-04T11:00:00+03:00"}
    answer = client.patch(f"{url}items/{thing['id']}/", change, format="json", headers=if_match(3))
    assert answer.json()["items"][0]["due_at"] == "2026-03-04T08:00:00Z"
    assert client.post(f"{url}publish/").json()["state"] == "published"
    taker = api(brian)
    answer = taker.post(f"{url}items/{thing['id']}/accept/")
    assert (answer.json()["state"], answer.json()["items"][0]["accepted_by"]) == ("accepted", brian.email)
    assert taker.post(f"{url}accept/").status_code == 200


def test_an_edit_names_the_version_that_was_read(row, amina):
    thing = item(row)
    client = api(amina)
    for url in (f"{URL}{row.pk}/", f"{URL}{row.pk}/items/{thing.pk}/"):
        assert client.patch(url, {"summary": "x", "title": "x"}, format="json").status_code == 428
        answer = client.patch(url, {"summary": "x", "title": "x"}, format="json", headers=if_match(9))
        assert (answer.status_code, answer.json()["error"]["version"]) == (412, 1)
    row.refresh_from_db()
    assert (row.summary, row.version) == ("", 1)


def test_an_item_is_added_once_for_one_key_and_removed(row, amina):
    client = api(amina)
    for _ in range(2):
        client.post(f"{URL}{row.pk}/items/", {"title": "x"}, format="json", headers={"Idempotency-Key": "a"})
    thing = row.items.get()
    answer = client.delete(f"{URL}{row.pk}/items/{thing.pk}/")
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    assert client.delete(f"{URL}{row.pk}/items/{thing.pk}/").status_code == 404


def test_the_wrong_side_and_programs_are_refused(row, amina, brian):
    thing = item(row)
    for user in (brian, make.user("service"), make.user()):
        client = api(user)
        assert client.post(f"{URL}{row.pk}/publish/").status_code == 403
        assert client.delete(f"{URL}{row.pk}/items/{thing.pk}/").status_code == 403
    Handover.objects.update(state="published")
    for user in (amina, make.user("service"), make.user()):
        assert api(user).post(f"{URL}{row.pk}/accept/").status_code == 403
    assert api(make.user("stakeholder")).get(f"{URL}{row.pk}/").status_code == 404
    assert api(make.user("stakeholder")).get(URL).json()["results"] == []


def test_lists_and_details_cost_the_same_for_one_and_three(amina, brian, django_assert_num_queries):
    lead = make.user("lead")
    for day in range(3):
        row = handover(rota(), [amina], [brian], at=NOW + day * DAY)
        for _ in range(day + 1):
            item(row, accepted_by=amina)
        with django_assert_num_queries(3):
            api(lead).get(URL)
        with django_assert_num_queries(4):
            api(lead).get(f"{URL}{row.pk}/")
