"""Layers and overrides to try, made around a night worth trying."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from rotas.types import Layer, Override, Window
from tests.core.zones_for_tests import instants, zones

PROPERTY = settings(derandomize=True, database=None, deadline=None, max_examples=60)

MINUTE = timedelta(minutes=1)
walls = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
people = st.integers(1, 5)
crews = st.lists(people, max_size=2, unique=True).map(tuple)


some_weekdays = st.frozensets(st.integers(0, 6), min_size=1)
turns_of_any = st.lists(crews, max_size=4).map(tuple)
# overnight and whole days among them
windows = st.builds(Window, some_weekdays, walls, walls)


@st.composite
def layers(draw, near, key=1, groups=turns_of_any):
    """A layer whose anchor lies within some weeks of an instant."""
    zone = draw(zones)
    wall = near.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    unit = draw(st.sampled_from(("hourly", "daily", "weekly", "monthly")))
    away = draw(st.integers(-6, 6) if unit == "hourly" else st.integers(-50, 50))
    anchor = wall.replace(hour=0, minute=0) + timedelta(days=away)
    quarter = draw(st.integers(0, 95))
    validity = st.none() | st.integers(-3000, 3000).map(lambda n: near + n * MINUTE)
    return Layer(
        key=key,
        priority=draw(st.integers(0, 3)),
        zone=zone,
        unit=unit,
        length=draw(st.sampled_from((1, 3, 7, 12)) if unit == "hourly" else st.integers(1, 3)),
        anchor=anchor + timedelta(minutes=15 * quarter),
        turns=draw(st.sampled_from(("anchor", "calendar"))),
        groups=draw(groups),
        windows=tuple(draw(st.lists(windows, max_size=2))),
        starts=draw(validity),
        ends=draw(validity),
        count_closed=draw(st.sampled_from((False, False, True))),
    )


@st.composite
def overrides(draw, near, key=1):
    """An override of any kind within two days of an instant; its end may come before its start."""
    start = near + draw(st.integers(-2880, 2880)) * MINUTE
    return Override(
        key=key,
        start=start,
        end=start + draw(st.integers(-10, 1500)) * MINUTE,
        adds=draw(crews),
        removes=draw(crews),
        replace_all=draw(st.booleans()),
    )


@st.composite
def rotas(draw):
    """An instant (whole minute), the layers and the overrides of a rota around it."""
    near = draw(instants(step=60))
    stack = [draw(layers(near, key=n)) for n in range(draw(st.integers(0, 3)))]
    changes = [draw(overrides(near, key=n)) for n in range(draw(st.integers(0, 3)))]
    return near, stack, changes
