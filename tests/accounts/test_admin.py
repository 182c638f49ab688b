"""The admin: whose doors, what is told of it, under which content policy."""

import pytest

from accounts.models import AuditEntry, Membership
from tests import make

pytestmark = pytest.mark.django_db
INLINE = {
    "memberships-TOTAL_FORMS": "1",
    "memberships-INITIAL_FORMS": "0",
    "memberships-MIN_NUM_FORMS": "0",
    "memberships-MAX_NUM_FORMS": "1000",
}


def person_form(person, **changes):
    values = {"email": person.email, "name": person.name, "role": person.role, "is_active": "on", **changes}
    return {name: value for name, value in values.items() if value is not None}


def change(client, person, **changes):
    return client.post(f"/admin/accounts/user/{person.pk}/change/", person_form(person, **changes))


@pytest.mark.parametrize(("role", "code"), [("responder", 302), ("stakeholder", 302), ("lead", 200)])
def test_the_admin_is_for_leads_and_administrators(client, role, code):
    client.force_login(make.user(role))
    assert client.get("/admin/").status_code == code


def test_a_lead_shapes_teams_but_not_people_or_tokens(client):
    person, team = make.user(), make.team()
    client.force_login(make.user("lead"))
    assert client.get(f"/admin/accounts/team/{team.pk}/change/").status_code == 200
    assert change(client, person, role="administrator").status_code == 403
    assert client.get("/admin/accounts/apitoken/").status_code == 403


def test_nobody_deletes_a_person_not_even_an_administrator(client):
    person = make.user()
    client.force_login(make.user("administrator"))
    assert client.post(f"/admin/accounts/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_new_role_is_on_the_trail_under_its_own_name(client):
    person, admin = make.user("responder"), make.user("administrator")
    client.force_login(admin)
    assert change(client, person, role="lead").status_code == 302
    entry = AuditEntry.objects.get(action="admin.role")
    assert (entry.actor_id, entry.subject_id, entry.detail) == (
        admin.pk,
        str(person.pk),
        {"role": ["responder", "lead"]},
    )


@pytest.mark.parametrize("changes", [{"role": "lead"}, {"is_active": None}])
def test_an_administrator_does_not_shut_themself_out(client, changes):
    admin = make.user("administrator")
    client.force_login(admin)
    assert change(client, admin, **changes).status_code == 200
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("administrator", True)


def test_a_row_within_a_page_is_on_the_trail(client):
    team, person = make.team(), make.user()
    client.force_login(make.user("lead"))
    answer = client.post(
        f"/admin/accounts/team/{team.pk}/change/",
        {"name": team.name, "slug": team.slug, "kind": team.kind, **INLINE, "memberships-0-user": person.pk},
    )
    assert answer.status_code == 302
    row = Membership.objects.get(team=team)
    details = list(AuditEntry.objects.filter(action="admin.change").values_list("detail", flat=True))
    assert {"memberships": {"added": [str(row)]}} in details


def test_no_password_is_on_the_trail(client):
    client.force_login(make.user("administrator"))
    secret = "correct horse battery 9"
    made = client.post(
        "/admin/accounts/user/add/",
        {
            "email": "new@test.mainstay",
            "name": "New",
            "role": "responder",
            "usable_password": "true",
            "password1": secret,
            "password2": secret,
        },
    )
    assert made.status_code == 302
    assert secret not in str(list(AuditEntry.objects.values()))


def test_inline_scripts_are_forbidden_everywhere(client):
    client.force_login(make.user("administrator"))
    for url in ("/admin/", "/me/"):
        policy = client.get(url)["Content-Security-Policy"]
        scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert ("'unsafe-inline'" in scripts, "'unsafe-eval'" in scripts) == (False, url == "/admin/")


def test_guessing_the_present_password_is_throttled(client, settings):
    settings.MAINSTAY_SIGN_IN_TRIES = 3
    person = make.user(password="a long enough password")
    client.force_login(person)
    body = {"old": "wrong", "new": "another long password"}
    assert [client.post("/me/password/", body).status_code for _ in range(4)] == [400, 400, 400, 409]
