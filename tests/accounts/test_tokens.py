"""Keys to the API: told once, kept as a digest, never stronger than what made them."""

from datetime import timedelta

import pytest

from accounts.domain import tokens
from accounts.models import ApiToken
from core import clock
from core.crypto import digest, unseal
from core.errors import Invalid
from core.models import IdempotentAnswer
from tests import make

pytestmark = pytest.mark.django_db
URL = "/api/v1/tokens/"


def bearer(user, scopes, life=timedelta(days=1)):
    now = clock.now()
    _token, plain = tokens.issue(user, "mine", scopes, now + life if life else None, now)
    return {"Authorization": f"Token {plain}"}


def test_a_repeated_request_makes_one_token_and_tells_it_once(client):
    client.force_login(make.user())

    def ask():
        body = {"name": "export", "scopes": ["read"]}
        return client.post(URL, body, "application/json", headers={"Idempotency-Key": "k1"})

    first, again = ask(), ask()
    plain = first.json()["token"]
    assert ApiToken.objects.get().digest == digest(plain)
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == {**first.json(), "token": ""}
    assert plain not in unseal(IdempotentAnswer.objects.get().body["sealed"])


def test_the_list_names_tokens_without_telling_them(client):
    client.force_login(make.user())
    made = client.post(URL, {"name": "export", "scopes": ["read"]}, "application/json").json()
    (listed,) = client.get(URL).json()["results"]
    assert listed == {name: value for name, value in made.items() if name != "token"}


def test_nobody_revokes_another_ones_token(client):
    alice, bob = make.user(), make.user()
    now = clock.now()
    token, _plain = tokens.issue(alice, "hers", ["read"], None, now)
    client.force_login(bob)
    assert client.delete(f"{URL}{token.pk}/").status_code == 404
    assert client.post(f"/me/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_token_begets_nothing_that_outlives_it(client):
    headers = bearer(make.user(), ["write"])
    body = {"name": "child", "scopes": ["write"]}
    assert client.post(URL, body, "application/json", headers=headers).status_code == 403
    body["expires_at"] = (clock.now() + timedelta(hours=1)).isoformat()
    assert client.post(URL, body, "application/json", headers=headers).status_code == 201


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "everything"]])
def test_unknown_scopes_are_refused(scopes):
    with pytest.raises(Invalid):
        tokens.issue(make.user(), "x", scopes, None, clock.now())
