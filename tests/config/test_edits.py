"""Nobody overwrites what they haven't seen: edits of the catalogue and of integrations, by programs."""

import pytest

from accounts.domain.audit import record
from core import clock
from core.types import person
from services.models import ModelVersion
from tests import make

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def lead(client):
    person = make.user("lead", name="Lena Lead")
    client.force_login(person)
    return person


def service() -> tuple[str, dict, dict]:
    return f"services/{make.service(slug='scorer').slug}/", {"tier": 3}, {"tier": 2}


def version() -> tuple[str, dict, dict]:
    made = ModelVersion.objects.create(model=make.model(make.service()), version="v1")
    return f"model-versions/{made.pk}/", {"stage": "canary"}, {"stage": "champion"}


def integration() -> tuple[str, dict, dict]:
    return f"integrations/{make.integration().pk}/", {"name": "First"}, {"name": "Second"}


@pytest.mark.parametrize("make_one", [service, version, integration])
def test_an_edit_of_an_older_copy_is_refused_with_what_changed(client, lead, make_one):
    path, first, second = make_one()

    def patch(body, **headers):
        return client.patch(API + path, body, "application/json", headers=headers)

    read = client.get(API + path)["ETag"]
    saved = patch(first, **{"If-Match": read})
    assert saved.status_code == 200, saved.content
    stale = patch(second, **{"If-Match": read})
    error = stale.json()["error"]
    assert (stale.status_code, error["code"], error["etag"]) == (412, "changed", saved["ETag"])
    assert [line["by"] for line in error["changes"]] == ["Lena Lead"]
    ((name, value),) = first.items()
    assert client.get(API + path).json()[name] == value
    assert patch(second, **{"If-Match": saved["ETag"]}).status_code == 200


@pytest.mark.parametrize("make_one", [service, version, integration])
def test_without_a_tag_the_edit_is_taken(client, lead, make_one):
    path, first, _second = make_one()
    assert client.patch(API + path, first, "application/json").status_code == 200


def test_whatever_the_trail_tells_is_a_change(client, lead):
    where = make.service(slug="scorer")
    read = client.get(f"{API}services/scorer/")["ETag"]
    record(
        "admin.change",
        actor=person(lead),
        now=clock.now(),
        subject_kind="service",
        subject_id=where.pk,
        detail={"tier": ["1", "2"]},
    )
    answer = client.patch(
        f"{API}services/scorer/", {"tier": 3}, "application/json", headers={"If-Match": read}
    )
    assert answer.status_code == 412
    assert answer.json()["error"]["changes"][0]["what"] == "admin.change: tier"
