"""Signing in, being locked out, links that work once, tokens that end."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client as Browser

from accounts.domain import tokens
from accounts.models import AuditEntry
from core import clock
from core.types import person
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/sign-in", {"username": email, "password": password, **extra})


def test_the_door_opens_by_email_whatever_its_case(client):
    alice = make.user(email="alice@test.mainstay", password=PASSWORD)
    answer = sign_in(client, "Alice@TEST.mainstay")
    assert (answer.status_code, client.session["_auth_user_id"]) == (302, str(alice.pk))
    assert AuditEntry.objects.filter(action="account.sign_in", actor_id=alice.pk).exists()


def test_every_page_asks_a_stranger_to_sign_in(client):
    answer = client.get("/alerts/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=/alerts/")


def test_the_way_back_never_leads_elsewhere(client):
    make.user(email="alice@test.mainstay", password=PASSWORD)
    answer = sign_in(client, "alice@test.mainstay", next="https://evil.example/")
    assert answer["Location"] == "/"


def test_wrong_tries_lock_the_account_and_the_right_password_waits_too(client, settings):
    settings.MAINSTAY_SIGN_IN_TRIES = 3
    make.user(email="alice@test.mainstay", password=PASSWORD)
    codes = [sign_in(client, "alice@test.mainstay", "wrong").status_code for _ in range(4)]
    assert codes == [400, 400, 429, 429]
    assert sign_in(client, "alice@test.mainstay").status_code == 429


def test_an_unknown_account_is_refused_in_the_same_words(client):
    make.user(email="alice@test.mainstay", password=PASSWORD)
    known = sign_in(client, "alice@test.mainstay", "wrong").context["form"].errors.as_text()
    unknown = sign_in(client, "nobody@test.mainstay", "wrong").context["form"].errors.as_text()
    assert known == unknown


def test_the_deactivated_stay_outside(client):
    make.user(email="alice@test.mainstay", password=PASSWORD, is_active=False)
    assert sign_in(client, "alice@test.mainstay").status_code == 400


def test_a_link_works_once_and_opening_it_changes_nothing(client, capsys):
    alice = make.user()
    call_command("login_link", alice.email)
    url = capsys.readouterr().out.strip()
    path = url[url.index("/sign-in") :]
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 302
    client.logout()
    assert client.post(path).status_code == 410


def test_the_token_of_the_command_line_opens_the_api_until_it_is_revoked(client, capsys):
    alice = make.user()
    call_command("issue_token", alice.email)
    plain = capsys.readouterr().out.strip()
    head = {"Authorization": f"Token {plain}"}
    assert client.get("/api/v1/users/", headers=head).status_code == 200
    tokens.revoke(alice.tokens.get(), actor=person(alice), now=clock.now())
    assert client.get("/api/v1/users/", headers=head).status_code == 401


def test_a_read_token_writes_nothing_and_an_expired_one_reads_nothing(client):
    alice = make.user()
    now = clock.now()
    _, reading = tokens.issue(alice, "reads", ["read"], now + timedelta(hours=1), now)
    _, old = tokens.issue(alice, "old", ["read"], now, now - timedelta(hours=1))
    body = {"name": "more", "scopes": ["read"]}
    headers = {"Authorization": f"Token {reading}"}
    assert client.post("/api/v1/tokens/", body, "application/json", headers=headers).status_code == 403
    assert client.get("/api/v1/users/", headers={"Authorization": f"Token {old}"}).status_code == 401


def test_only_leads_read_the_audit_trail(client):
    codes = {}
    for role in ("responder", "lead", "administrator", "stakeholder"):
        client.force_login(make.user(role))
        codes[role] = (client.get("/audit/").status_code, client.get("/api/v1/audit/").status_code)
    assert codes == {
        "responder": (403, 403),
        "lead": (200, 200),
        "administrator": (200, 200),
        "stakeholder": (403, 403),
    }


def test_the_audit_trail_cannot_be_rewritten():
    entry = AuditEntry.objects.create(at=clock.now(), action="test")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()


def test_my_page_makes_a_key_and_shows_it_once(client):
    client.force_login(make.user())
    made = client.post("/me/tokens/", {"name": "script", "days": "30"})
    assert "mst_" in made.content.decode()
    assert "Copy it now" not in client.get("/me/").content.decode()


def test_a_stakeholder_sees_only_themself_in_the_api(client):
    make.user()
    outsider = make.user("stakeholder")
    client.force_login(outsider)
    found = client.get("/api/v1/users/").json()["results"]
    assert [row["email"] for row in found] == [outsider.email]


def test_the_admin_is_for_leads_and_its_door_is_ours(client):
    assert client.get("/admin/login/", follow=False)["Location"] == "/sign-in?next=%2Fadmin%2F"
    client.force_login(make.user("lead"))
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/accounts/user/add/").status_code == 403
    client.force_login(make.user("administrator"))
    assert client.get("/admin/accounts/user/add/").status_code == 200


AWAY = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize(
    ("told", "back"),
    [
        (
            {"HTTP_HX_CURRENT_URL": "http://testserver/incidents/INC-7/?a=1&b=2"},
            "/incidents/INC-7/%3Fa%3D1%26b%3D2",
        ),
        ({"HTTP_HX_CURRENT_URL": "https://evil.example/incidents/"}, "/"),
        ({"HTTP_HX_CURRENT_URL": "http://testserver//evil.example/"}, "/"),
        ({"HTTP_HX_CURRENT_URL": "javascript:alert(1)"}, "/"),
        ({"HTTP_REFERER": "http://testserver/incidents/"}, "/incidents/"),
        ({}, "/"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_that_ended_is_no_success_for_htmx_and_leads_back_to_the_page(client, method, told, back):
    answer = getattr(client, method)("/incidents/INC-7/note/", **AWAY, **told)
    assert (answer.status_code, answer["HX-Redirect"]) == (401, f"/sign-in?next={back}")
    assert answer.content == b""


@pytest.mark.parametrize(
    ("referer", "back"),
    [("http://testserver/incidents/new/", "/incidents/new/"), ("https://evil.example/x", "/"), ("", "/")],
)
def test_what_was_posted_without_a_session_leads_back_to_its_form(client, referer, back):
    answer = client.post("/incidents/INC-7/note/", HTTP_REFERER=referer)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={back}")


@pytest.mark.parametrize(("role", "shown"), [("responder", True), ("stakeholder", False)])
def test_shifts_are_on_the_page_of_those_who_may_have_some(client, role, shown):
    client.force_login(make.user(role))
    page = client.get("/me/").content.decode()
    assert ("/rotas/mine/" in page) is shown


def test_a_part_of_a_page_is_refused_by_a_notice_and_a_page_by_a_page(client):
    client.force_login(make.user("stakeholder"))
    part = client.get("/audit/", headers={"HX-Request": "true"})
    page = client.get("/audit/")
    assert (part.status_code, page.status_code) == (403, 403)
    assert ("<html" in part.content.decode(), "<html" in page.content.decode()) == (False, True)
    assert 'data-refusal="not_allowed"' in part.content.decode()
    assert (
        client.get("/api/v1/audit/", headers={"HX-Request": "true"}).json()["error"]["code"] == "not_allowed"
    )


def test_a_form_that_expired_is_refused_by_a_notice_in_a_part_of_a_page():
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(make.user())
    answer = browser.post("/me/tokens/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Reswap"]) == (403, "none")
    assert "<html" not in answer.content.decode()
    assert "This form has expired." in answer.content.decode()
