"""The command that brings rotas over: looks first, writes when told, and once."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from core import clock
from rotas.domain.moving_in import slug_of
from rotas.domain.patterns import pattern_at
from rotas.models import Layer, Override, Rota, RotaVersion
from rotas.queries.oncall import on_call
from tests import make
from tests.rotas.make import DAY, rota
from tests.rotas.test_exports import FILES, data_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    return [
        make.user(name=name, email=f"{name.lower()}@test.mainstay") for name in ("Amina", "Brian", "Chiku")
    ]


@pytest.fixture
def team():
    return make.team(slug="platform", kind="l2")


def run(path: Path, *more: str) -> str:
    out = StringIO()
    call_command("import_rotas", str(path), *more, stdout=out)
    return out.getvalue()


def test_without_apply_nothing_is_written_and_all_is_said(team):
    said = run(FILES / "opsgenie.json", "--team", "platform")
    assert said.startswith("Platform on call (platform-on-call, Europe/Madrid): new\n")
    for line in (
        "  layer Days: turns of 1 (daily) from 2026-01-05 09:00 Europe/Madrid, priority 0",
        "    on Mon, Tue 09:00–18:30",
        "    1. Amina",
        "    3. nobody",
        "  not found: gone@test.mainstay",
        "1 of 1 rotas would be written; add --apply to write them.",
    ):
        assert line in said.split("\n")
    assert not Rota.objects.exists() and not AuditEntry.objects.filter(action__startswith="rota").exists()


@pytest.mark.parametrize("name", ["opsgenie", "pagerduty", "oncall"])
def test_written_once_however_often_it_is_applied(team, name):
    path = FILES / f"{name}.json"
    assert "1 of 1 rotas are written." in run(path, "--team", "platform", "--apply")
    made = Rota.objects.get()
    assert (made.team, made.level) == (team, "l2")
    before = pattern_at(made, clock.now())
    assert len(before) >= 2
    rows = Layer.objects.count(), RotaVersion.objects.count(), Override.objects.count()
    assert "0 of 1 rotas are written." in run(path, "--team", "platform", "--apply")
    assert "as it is here" in run(path)
    assert (Layer.objects.count(), RotaVersion.objects.count(), Override.objects.count()) == rows
    assert pattern_at(made, clock.now()) == before


def test_a_rota_of_the_same_address_begins_the_pattern_now_and_the_difference_is_said(people):
    here = rota(people[2], slug="primary-on-call", name="Primary on call")
    said = run(FILES / "pagerduty.json")
    assert "Primary on call (primary-on-call, America/Bogota): here, changes" in said
    assert "  in 90 days: Chiku 2160 h → 0 h" in said.split("\n")
    assert "without anybody that are covered today" in said
    run(FILES / "pagerduty.json", "--apply")
    assert list(Rota.objects.all()) == [here]
    assert {layer.name for layer in pattern_at(here, clock.now())} == {"Weekend", "Every day"}
    assert on_call(here, clock.now() - DAY) == [people[2]]


def test_single_events_to_come_take_over(team, people, tmp_path):
    now = clock.now().replace(microsecond=0)
    data = data_of("opsgenie")
    data["schedules"][0]["overrides"][0].update(
        startDate=(now + DAY).isoformat(), endDate=(now + 2 * DAY).isoformat()
    )
    path = tmp_path / "export.json"
    path.write_text(json.dumps(data))
    run(path, "--team", "platform", "--apply")
    made = Override.objects.get()
    assert (made.user, made.takes_over, made.reason) == (people[1], True, "Imported")
    assert "0 of 1 rotas are written." in run(path, "--apply")


def test_a_rota_of_nobody_known_is_left_out(team, people):
    type(people[0]).objects.update(is_active=False)
    said = run(FILES / "oncall.json", "--team", "platform", "--apply")
    assert "left out, as no layer of it is left" in said and "0 of 1 rotas are written." in said
    assert not Rota.objects.exists()


def test_layers_that_are_over_are_left_out_also_once_they_were_written(team, tmp_path):
    now = clock.now().replace(microsecond=0)
    data = data_of("opsgenie")
    nights = data["schedules"][0]["rotations"][1]
    path = tmp_path / "export.json"

    def ends(at) -> str:
        nights["endDate"] = at.isoformat()
        path.write_text(json.dumps(data))
        return run(path, "--team", "platform", "--apply")

    assert "1 of 1 rotas are written." in ends(now + DAY)
    assert Layer.objects.count() == 2
    said = ends(now - DAY)
    assert "  note: Nights: it is over, so it is left out." in said.split("\n")
    assert "1 of 1 rotas are written." in said and len(pattern_at(Rota.objects.get(), clock.now())) == 1


def test_a_new_rota_needs_a_team():
    with pytest.raises(CommandError, match="Say whose rota Model serving is, by --team"):
        run(FILES / "oncall.json", "--apply")
    with pytest.raises(CommandError, match="no team x"):
        run(FILES / "oncall.json", "--team", "x")


def test_one_that_is_wrong_leaves_nothing_of_the_others(team, tmp_path):
    data = data_of("opsgenie")
    wrong = json.loads(json.dumps(data["schedules"][0]))
    wrong["name"] = "Other"
    wrong["rotations"][0]["length"] = 5000
    data["schedules"].append(wrong)
    path = tmp_path / "export.json"
    path.write_text(json.dumps(data))
    with pytest.raises(CommandError, match="from 1 to 366"):
        run(path, "--team", "platform", "--apply")
    assert not Rota.objects.exists()


def test_two_of_one_name_are_refused(team, tmp_path):
    data = data_of("opsgenie")
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"schedules": data["schedules"] * 2}))
    with pytest.raises(CommandError, match="Two schedules are called Platform on call"):
        run(path, "--team", "platform", "--apply")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 300_000, "nested too deeply"),
        (b"\x00" * 50 * 1024 * 1024, "bigger than 20 MB"),
        (b"{}", "no export"),
    ],
)
def test_hostile_files_get_one_sentence(tmp_path, content, words):
    path = tmp_path / "export.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words) as refused:
        run(path, "--apply")
    assert refused.value.returncode == 1 and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "slug"), [("Leave", "leave-rota"), ("  Platform / EU ", "platform-eu"), ("夜間", "rota-")]
)
def test_addresses_are_steady_and_never_a_page_s(name, slug):
    assert slug_of(name).startswith(slug) and slug_of(name) == slug_of(name)
