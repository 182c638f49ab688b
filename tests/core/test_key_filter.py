"""Numbers of rows in a URL: a word that is none is refused before anything counts with it."""

import time

import pytest

from tests import make

pytestmark = pytest.mark.django_db
LISTS = [
    ("/api/v1/alerts/", "integration"),
    ("/api/v1/deliveries/", "integration"),
    ("/api/v1/outbox/", "recipient"),
    ("/api/v1/escalation-runs/", "subject_id"),
]
# int(Decimal("-1e100000")) takes minutes of a processor; the test would not end.
ODD = ["-1e100000", "1e100000", "-1", "9" * 5_000, str(2**63), "1_0", "0x10", "NaN", "1.5"]


@pytest.fixture
def lead(client):
    client.force_login(make.user("administrator"))


@pytest.mark.parametrize(("path", "name"), LISTS)
@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_number_of_a_row_is_refused_at_once(client, lead, path, name, odd):
    began = time.process_time()

    answer = client.get(path, {name: odd})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [name])
    assert time.process_time() - began < 5


@pytest.mark.parametrize(("path", "name"), LISTS)
@pytest.mark.parametrize("fine", ["0", "7", str(2**63 - 1), ""])
def test_what_is_one_is_asked_for(client, lead, path, name, fine):
    assert client.get(path, {name: fine}).status_code == 200


def test_the_portals_list_survives_it_too(client, lead):
    assert client.get("/alerts/", {"integration": "-1e100000"}).status_code < 500
