"""How much of a machine's memory the embedded PostgreSQL takes."""

import pytest

from config.supervisor.postgres import memory

GB = 1 << 30


@pytest.mark.parametrize(
    ("total", "own", "counted_on"),
    [
        (1 * GB, "128MB", "512MB"),
        (2 * GB, "128MB", "512MB"),
        (8 * GB, "512MB", "2048MB"),
        (24 * GB, "1024MB", "6144MB"),
        (512 * GB, "1024MB", "131072MB"),
    ],
)
def test_a_share_of_the_machine_within_bounds(total: int, own: str, counted_on: str) -> None:
    assert memory(total) == {"shared_buffers": own, "effective_cache_size": counted_on}
