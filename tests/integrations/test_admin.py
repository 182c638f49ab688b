"""Import runs and outside keys in the admin: leads look, nobody changes."""

import pytest
from django.urls import reverse

from integrations.models import ExternalRef, ImportRun
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> list[tuple[str, int]]:
    run = ImportRun.objects.create(
        kind="csv", system="Jira", file_name="a.csv", digest="0", by="lena", started_at=NOW
    )
    ref = ExternalRef.objects.create(
        system="Jira", key="OPS-1", incident=make.incident(), import_run=run, created_at=NOW
    )
    return [("importrun", run.pk), ("externalref", ref.pk)]


def test_leads_read_them_and_nobody_writes_them(client, rows):
    client.force_login(make.user("lead"))
    for name, key in rows:
        assert client.get(reverse(f"admin:integrations_{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:integrations_{name}_change", args=[key])).status_code == 200
        assert client.get(reverse(f"admin:integrations_{name}_add")).status_code == 403
        assert (
            client.post(reverse(f"admin:integrations_{name}_delete", args=[key]), {"post": "yes"}).status_code
            == 403
        )


def test_responders_do_not_come_in(client, rows):
    client.force_login(make.user("responder"))
    for name, _key in rows:
        assert client.get(reverse(f"admin:integrations_{name}_changelist")).status_code == 302
