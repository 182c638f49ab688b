"""A throw-away PostgreSQL and Redis for the tests, up before Django's settings are read.

`-p tests.servers` in pyproject.toml loads this first. The single process, or the controller of
`-n 2`, starts the servers with the supervisor's own classes and tells everybody by environment;
each worker then has its own database (pytest-django names it) and its own Redis database.
DATABASE_URL and REDIS_URL in the environment win: then nothing of that kind is started.
"""

import os
from collections.abc import Iterator

import pytest

from config.supervisor.servers import ThrowawayServers, is_embedded

# Set where the Redis is ours, so that tests may empty it.
OWN_REDIS = "MAINSTAY_TESTS_OWN_REDIS"
_NO_SERVERS = {"--version", "-V", "--help", "-h", "--markers", "--fixtures", "--collect-only", "--co"}
# Who the servers run as, and the log that a test of imports reads where it is there.
_KEPT = {"MAINSTAY_SERVER_USER", "MAINSTAY_EVENT_LOG"}
_running: list[ThrowawayServers] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> Iterator[None]:
    """Runs before pytest-django reads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        _use_own_redis_database(worker)
    else:
        _settle_environment()
        if not _NO_SERVERS.intersection(args):
            _start()
    return (yield)


def pytest_unconfigure() -> None:
    """Runs at the end however it came, Ctrl-C included. After a `kill -9` the kernel ends both servers."""
    while _running:
        _running.pop().stop()


def _settle_environment() -> None:
    """What tests rely on, whatever the shell they are started from has set."""
    for name in [name for name in os.environ if name.startswith("MAINSTAY_") and name not in _KEPT]:
        del os.environ[name]
    os.environ.update(MAINSTAY_TEST_CLOCK="1", MAINSTAY_PLAIN_STATIC="1", PYTHONTZPATH="")


def _start() -> None:
    postgres, redis = is_embedded(os.environ, "DATABASE_URL"), is_embedded(os.environ, "REDIS_URL")
    servers = ThrowawayServers(postgres=postgres, redis=redis)
    _running.append(servers)
    os.environ.update(servers.start())
    if redis:
        os.environ[OWN_REDIS] = "1"
    else:
        os.environ["MAINSTAY_REDIS_PREFIX"] = f"mainstay-tests-{os.getpid()}:"


def _use_own_redis_database(worker: str) -> None:
    if os.environ.get(OWN_REDIS):
        address, _, _ = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{address}/{int(worker.removeprefix('gw')) + 1}"
    else:
        os.environ["MAINSTAY_REDIS_PREFIX"] += f"{worker}:"
