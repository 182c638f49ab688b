"""Versions of a model: one champion, registered once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.api.concurrency import tag_of
from accounts.models import AuditEntry
from core.errors import Invalid
from core.types import SYSTEM
from services.domain.versions import promote, register, set_stage
from services.models import ModelVersion
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def model():
    return make.model(make.service(), name="xgb-cnp")


def made(model, version, stage="candidate"):
    return register(model, version, stage=stage, actor=SYSTEM, now=NOW)[0]


def stages(model):
    return dict(ModelVersion.objects.filter(model=model).values_list("version", "stage"))


def test_promoting_archives_the_former_champion(model):
    made(model, "v1", "champion")
    second = promote(made(model, "v2"), actor=SYSTEM, now=NOW)
    assert stages(model) == {"v1": "archived", "v2": "champion"}
    assert second.promoted_at == NOW


def test_champions_of_other_models_stay(model):
    other = make.model(model.service)
    made(other, "o1", "champion")
    made(model, "v1", "champion")
    assert stages(other) == {"o1": "champion"}


def test_promoting_twice_changes_nothing_and_tells_once(model):
    version = promote(made(model, "v1"), actor=SYSTEM, now=NOW)
    told = AuditEntry.objects.count()
    promote(version, actor=SYSTEM, now=NOW)
    assert AuditEntry.objects.count() == told


def test_the_database_holds_one_champion(model):
    made(model, "v1", "champion")
    second = made(model, "v2")
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=second.pk).update(stage="champion")


def test_a_pipeline_that_runs_twice_registers_once_and_moves_nothing(model):
    first, is_new = register(model, "v1", actor=SYSTEM, now=NOW)
    promote(first, actor=SYSTEM, now=NOW)
    again, is_new_again = register(model, " v1 ", stage="candidate", actor=SYSTEM, now=NOW)
    assert (is_new, is_new_again, again.pk, again.stage) == (True, False, first.pk, "champion")


def test_the_trail_names_the_former_champion(model):
    made(model, "v1", "champion")
    promote(made(model, "v2"), actor=SYSTEM, now=NOW)
    entry = AuditEntry.objects.filter(action="model_version.stage").latest("pk")
    assert entry.detail == {"from": "candidate", "to": "champion", "former": "v1"}


def test_an_unknown_stage_and_an_empty_name_are_refused(model):
    with pytest.raises(Invalid):
        set_stage(made(model, "v1"), "hero", actor=SYSTEM, now=NOW)
    with pytest.raises(Invalid):
        made(model, "  ")


FAR = datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Kathmandu"))


def test_a_version_trained_in_a_year_nobody_can_read_is_refused(model):
    with pytest.raises(Invalid) as refusal:
        register(model, "v1", actor=SYSTEM, now=NOW, trained_at=FAR)
    assert list(refusal.value.fields) == ["trained_at"]


def test_the_database_keeps_no_such_year(model):
    version = made(model, "v1")
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=version.pk).update(trained_at=FAR)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+05:45", "9999-12-31T23:59:59Z"])
def test_the_api_refuses_it_on_that_field(client, model, at):
    client.force_login(make.user("lead"))
    body = {"service": model.service.slug, "model": model.name, "version": "v1", "trained_at": at}
    answer = client.post("/api/v1/model-versions/", body, "application/json")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["trained_at"])


def test_the_former_champion_has_a_line_of_its_own(model):
    former = promote(made(model, "v1"), actor=SYSTEM, now=NOW)
    before = tag_of("modelversion", former.pk)
    promote(made(model, "v2"), actor=SYSTEM, now=NOW)
    assert tag_of("modelversion", former.pk) != before
    line = AuditEntry.objects.filter(subject_kind="modelversion", subject_id=str(former.pk)).latest("pk")
    assert line.detail == {"from": "champion", "to": "archived", "champion": "v2"}


def test_an_edit_of_an_archived_version_by_its_older_copy_is_refused(client, model):
    client.force_login(make.user())
    former = promote(made(model, "v1"), actor=SYSTEM, now=NOW)
    path = f"/api/v1/model-versions/{former.pk}/"
    copy = client.get(path)["ETag"]
    promote(made(model, "v2"), actor=SYSTEM, now=NOW)
    answer = client.patch(path, {"stage": "champion"}, "application/json", headers={"If-Match": copy})
    assert (answer.status_code, stages(model)) == (412, {"v1": "archived", "v2": "champion"})


def test_a_version_edited_on_its_models_page_is_newer_than_the_copy(client, model):
    version = made(model, "v1")
    client.force_login(make.user("administrator"))
    copy = client.get(f"/api/v1/model-versions/{version.pk}/")["ETag"]
    page = f"/admin/services/mlmodel/{model.pk}/change/"
    rows = {
        "TOTAL_FORMS": "2",
        "INITIAL_FORMS": "1",
        "0-id": version.pk,
        "0-model": model.pk,
        "0-version": "v1",
    }
    rows |= {"0-notes": "retrained", "1-model": model.pk, "1-version": "v2"}
    sent = {f"versions-{name}": value for name, value in rows.items()}
    own = {"service": model.service.pk, "name": model.name, "task": model.task, "registry_url": ""}

    saved = client.post(page, {**own, **sent})

    assert saved.status_code == 302
    assert ModelVersion.objects.get(pk=version.pk).notes == "retrained"
    added = ModelVersion.objects.get(version="v2")
    lines = AuditEntry.objects.filter(subject_kind="modelversion", action__startswith="admin.").order_by("pk")
    assert sorted(lines.values_list("action", "subject_id")) == [
        ("admin.add", str(added.pk)),
        ("admin.change", str(version.pk)),
    ]
    assert client.get(f"/api/v1/model-versions/{version.pk}/")["ETag"] != copy


@pytest.mark.parametrize("kind", ["model-versions", "services", "integrations"])
def test_the_tag_is_read_before_the_row_that_it_stands_for(client, model, kind):
    """An edit between the two makes a copy newer than its tag; the other way it would be overwritten unseen."""
    client.force_login(make.user("administrator"))
    path, table = {
        "model-versions": (made(model, "v1").pk, "services_modelversion"),
        "services": (model.service.slug, "services_service"),
        "integrations": (make.integration().pk, "monitoring_integration"),
    }[kind]

    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/api/v1/{kind}/{path}/").status_code == 200

    order = [
        table if f'FROM "{table}"' in each["sql"] else "tag"
        for each in asked
        if f'FROM "{table}"' in each["sql"] or 'FROM "accounts_auditentry"' in each["sql"]
    ]
    assert order == [table, "tag", table]
