"""Versions of a model: one champion, registered once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

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
