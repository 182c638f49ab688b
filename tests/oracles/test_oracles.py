"""Every fact that other projects assert about business time and rotas holds here too."""

from pathlib import Path

import pytest

from config.cases import load, run
from tests.oracles.known import KNOWN

HERE = Path(__file__).parent


@pytest.mark.parametrize("kind", ["sla", "rota"])
def test_every_row_that_is_not_known_to_contradict_a_policy_passes(kind):
    rows = load(HERE / f"{kind}_cases.json")
    failed = [outcome for outcome in run(kind, rows) if not outcome.passed and outcome.id not in KNOWN]
    assert failed == []


def test_the_files_are_whole():
    assert [len(load(HERE / f"{kind}_cases.json")) for kind in ("sla", "rota")] == [176, 34]


def test_a_row_known_to_contradict_a_policy_still_fails():
    outcomes = {o.id: o for kind in ("sla", "rota") for o in run(kind, load(HERE / f"{kind}_cases.json"))}
    assert [name for name in KNOWN if outcomes[name].passed] == []
