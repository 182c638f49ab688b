"""Messages and rules in the admin."""

import pytest

from accounts.models import AuditEntry
from notifications.models import PersonalRule
from tests import make
from tests.notifications.messages import of, rule, tell

pytestmark = pytest.mark.django_db


def test_a_lead_looks_at_messages_and_changes_none(client):
    alice = make.user()
    tell(alice)
    client.force_login(make.user("lead"))
    assert client.get("/admin/notifications/message/?q=INC-1042").status_code == 200
    path = f"/admin/notifications/message/{of(alice).pk}/change/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"subject": "Changed"}).status_code == 403


def test_a_lead_helps_with_rules_and_the_audit_trail_knows(client):
    mine = rule(make.user(), "email", 2)
    client.force_login(make.user("lead"))
    client.post(
        f"/admin/notifications/personalrule/{mine.pk}/change/",
        {"user": mine.user_id, "urgency": "urgent", "channel": "email", "delay_minutes": 10, "position": 1},
    )
    assert PersonalRule.objects.get().delay_minutes == 10
    assert AuditEntry.objects.filter(action="admin.change").count() == 1


@pytest.mark.parametrize("role", ["responder", "stakeholder"])
def test_others_stay_outside(client, role):
    client.force_login(make.user(role))
    assert client.get("/admin/notifications/message/").status_code == 302
