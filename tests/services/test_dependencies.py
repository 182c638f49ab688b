"""What a failure reaches, and what a reader sees of it."""

from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from services.domain.dependencies import Edge, circles, reached
from services.models import Dependency
from services.queries.dependencies import graph_of
from tests import make

KEYS = st.integers(1, 7)
EDGES = st.lists(
    st.tuples(KEYS, KEYS, st.booleans()).filter(lambda each: each[0] != each[1]).map(lambda e: Edge(e[0], e[1], critical=e[2])),
    max_size=18,
)  # fmt: skip


def closure(pairs, start):
    found, todo = set(), [start]
    while todo:
        here = todo.pop()
        for a, b in pairs:
            if a == here and b not in found:
                found.add(b)
                todo.append(b)
    return found


@given(EDGES, KEYS)
def test_everything_downstream_is_reached_once_nearest_first(edges, start):
    found = reached(edges, start)
    keys = [each.service for each in found]
    assert set(keys) == closure([(e.upstream, e.downstream) for e in edges], start) - {start}
    assert len(keys) == len(set(keys)) and [each.steps for each in found] == sorted(
        each.steps for each in found
    )
    heavy = closure([(e.upstream, e.downstream) for e in edges if e.critical], start)
    assert {each.service for each in found if each.down} == heavy - {start}


@given(EDGES)
def test_circles_are_found_where_there_are_some(edges):
    pairs = [(e.upstream, e.downstream) for e in edges]
    within = {key for key, _ in pairs if key in closure(pairs, key)}
    found = circles(edges)
    assert bool(found) == bool(within)
    for path in found:
        assert path[0] == path[-1] and set(path) <= within
        assert all(step in pairs for step in pairwise(path))


def test_what_is_reached_is_bounded():
    assert len(reached([Edge(0, n) for n in range(1, 500)], 0)) == 200


def link(upstream, downstream, **fields):
    return Dependency.objects.create(upstream=upstream, downstream=downstream, **fields)


@pytest.mark.django_db
def test_the_drawing_has_both_sides_and_everything_downstream():
    lead, (store, scorer, bank) = (
        make.user("lead"),
        (make.service(slug=slug) for slug in ("store", "scorer", "bank")),
    )
    link(store, scorer, kind="data", note="features")
    link(store, scorer, kind="storage", critical=False)
    link(scorer, bank, kind="inference", critical=False)
    graph = graph_of(scorer, lead)
    assert [(box.service.slug, box.says, box.critical) for box in graph.upstream] == [
        ("store", "features", True)
    ]
    assert [(box.service.slug, box.says, box.critical) for box in graph.downstream] == [
        ("bank", "Inference", False)
    ]
    assert graph.heavy == "M26,36 H31.5 V36 H37" and graph.lines == "M63,36 H68.5 V36 H74"
    assert [(hit.service.slug, hit.steps, hit.down) for hit in graph_of(store, lead).hits] == [
        ("scorer", 1, True), ("bank", 2, False),
    ]  # fmt: skip
    assert graph_of(bank, lead).hits == ()
    alone = graph_of(store, lead)  # nothing upstream: it stands left
    assert (alone.here_x, alone.down_x, alone.heavy) == (0, 37, "M26,36 H31.5 V36 H37")


@pytest.mark.django_db
def test_a_circle_is_named_and_what_a_client_may_not_see_is_left_out():
    alice = make.user("stakeholder")
    store, scorer = make.service(slug="store"), make.service(slug="scorer", client=make.client_((alice,)))
    link(store, scorer), link(scorer, store)
    assert graph_of(scorer, make.user()).circles == ("store → scorer → store",)
    mine = graph_of(scorer, alice)
    assert (mine.is_empty, mine.hits) == (True, ())


@pytest.mark.django_db
def test_not_on_itself_and_each_kind_once():
    one, two = make.service(), make.service()
    link(one, two)
    for upstream, downstream in ((one, one), (one, two)):
        with pytest.raises(IntegrityError), transaction.atomic():
            link(upstream, downstream)
