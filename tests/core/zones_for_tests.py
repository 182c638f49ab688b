"""Zones with every kind of clock, and instants worth trying in them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

ZONES = (
    "America/Chicago",
    "America/New_York",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Warsaw",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Bogota",
    "Africa/Nairobi",
)
# their clocks change around midnight, twice in a Ramadan, by two hours, or once jumped a whole day
ODD_ZONES = (
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Gaza",
    "Antarctica/Troll",
)

# nights on which one of the zones above changes its clocks
CHANGES = (
    datetime(2026, 3, 8, 8, tzinfo=UTC),
    datetime(2026, 11, 1, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 16, tzinfo=UTC),
    datetime(2026, 10, 3, 16, tzinfo=UTC),
    datetime(2015, 10, 18, 3, tzinfo=UTC),
    datetime(2015, 2, 22, 2, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(2026, 2, 15, 2, tzinfo=UTC),
)

zones = st.one_of(st.sampled_from(ZONES), st.sampled_from(ODD_ZONES))


def instants(step=60, hours=30):
    """Instants near a change of clocks or anywhere in 2026, on multiples of `step` seconds."""
    near = st.builds(
        lambda at, steps: at + timedelta(seconds=steps * step),
        st.sampled_from(CHANGES),
        st.integers(-hours * 3600 // step, hours * 3600 // step),
    )
    anywhere = st.builds(
        lambda steps: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=steps * step),
        st.integers(0, 365 * 86400 // step),
    )
    return st.one_of(near, near, anywhere)
