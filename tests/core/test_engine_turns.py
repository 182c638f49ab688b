"""A long backlog of one engine lets the others come between, unless nobody would hear its ring."""

from datetime import timedelta

import pytest

from core import engines, nudge
from core.engines import Engine
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticks(monkeypatch):
    """Run an engine whose every tick takes a second and finds work; how many ticks it did."""
    moments = (NOW + timedelta(seconds=n) for n in range(1_000))
    monkeypatch.setattr(engines.clock, "now", lambda: next(moments))
    monkeypatch.setattr(engines, "close_old_connections", lambda: None)
    monkeypatch.setattr(engines.engine_versions, "may_tick", lambda *_: True)

    def run() -> int:
        return engines.run(Engine("example", "Example", "example.tick", 1.0, 15.0), lambda now: 1)

    return run


def test_after_its_turn_it_rings_for_itself_and_ends(ticks, monkeypatch):
    rung = []
    monkeypatch.setattr(nudge, "again", lambda task: rung.append(task) or True)

    assert (ticks(), rung) == (1, ["example.tick"])


def test_where_no_ring_is_heard_it_works_on_for_a_stretch(ticks, monkeypatch):
    monkeypatch.setattr(nudge, "again", lambda task: False)

    assert ticks() == engines.MAX_STRETCH.total_seconds()


def test_where_all_is_rung_for_a_round_that_was_not_full_is_the_last(ticks, monkeypatch):
    done = iter([50, 50, 49, 50])
    engine = Engine("example", "Example", "example.tick", 1.0, 15.0, full=50)
    monkeypatch.setattr(nudge, "again", lambda task: False)

    assert engines.run(engine, lambda now: next(done)) == 149
    assert next(done) == 50
