"""What never opens: dead accounts, dead tokens, forms from elsewhere."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.domain import tokens
from core import clock
from core.types import SYSTEM
from tests import make
from tests.access.matrix import OWN_CREDENTIAL, ROWS, Row
from tests.access.world import World, caller

pytestmark = pytest.mark.django_db
WRITES = [row for row in ROWS if row.method != "get" and ":" in row.name and row.name not in OWN_CREDENTIAL]
PROGRAM_WRITES = [row for row in ROWS if row.method != "get" and ":" not in row.name and row.name != "intake"]


@pytest.mark.parametrize("row", WRITES, ids=str)
def test_a_form_from_elsewhere_does_nothing(row: Row, world: World):
    with transaction.atomic():
        client = caller("administrator", world, enforce_csrf_checks=True)
        answer = client.post(reverse(row.name, kwargs=row.url(world)), row.data(world))
        transaction.set_rollback(True)
    assert answer.status_code == 403


def test_the_sign_in_itself_asks_where_the_form_comes_from():
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"username": "a@b.example", "password": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("row", PROGRAM_WRITES, ids=str)
def test_a_browser_session_writes_through_the_api_only_with_its_csrf_token(row: Row, world: World):
    with transaction.atomic():
        client = caller("administrator", world, enforce_csrf_checks=True)
        url = reverse(row.name, kwargs=row.url(world))
        answer = getattr(client, row.method)(url, row.data(world), content_type="application/json")
        transaction.set_rollback(True)
    assert answer.status_code == 403


def test_a_session_ends_with_its_account():
    person = make.user("administrator")
    client = Client()
    client.force_login(person)
    assert client.get("/me/").status_code == 200
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert (client.get("/me/").status_code, client.get("/api/v1/users/").status_code) == (302, 401)


def bearer(plain: str) -> dict[str, str]:
    return {"Authorization": f"Token {plain}"}


def test_a_token_ends_with_its_account():
    person, now = make.user("service"), clock.now()
    _token, plain = tokens.issue(person, "robot", ["read"], None, now)
    assert Client().get("/api/v1/incidents/", headers=bearer(plain)).status_code == 200
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert Client().get("/api/v1/incidents/", headers=bearer(plain)).status_code == 401


def test_an_expired_token_opens_nothing():
    now = clock.now()
    _token, plain = tokens.issue(make.user("service"), "robot", ["read"], now, now - timedelta(hours=1))
    assert Client().get("/api/v1/incidents/", headers=bearer(plain)).status_code == 401


def test_a_revoked_token_opens_nothing():
    now = clock.now()
    token, plain = tokens.issue(make.user("service"), "robot", ["read"], None, now)
    tokens.revoke(token, actor=SYSTEM, now=now)
    assert Client().get("/api/v1/incidents/", headers=bearer(plain)).status_code == 401


@pytest.mark.parametrize(
    "words", ["Token", "Token a b", "Token mst_x_\xff", "token mst_unknown_secret", "Token \x00"]
)
def test_a_header_that_is_no_token_is_told_so(words: str):
    assert Client().get("/api/v1/incidents/", headers={"Authorization": words}).status_code == 401


def test_a_service_account_never_signs_in_to_the_portal(client):
    robot = make.user("service", password="a long enough password")
    answer = client.post("/sign-in", {"username": robot.email, "password": "a long enough password"})
    assert answer.status_code == 400
