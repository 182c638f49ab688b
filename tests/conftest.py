"""What every test can count on: an empty Redis, where the servers are, and a browser where there is one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from playwright.sync_api import Browser, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from core import alive, compiled, watch
from tests import emptying
from tests.servers import OWN_REDIS

pytest.register_assert_rewrite("tests.faults.books")
# The running stack that tests of faults share, wherever they lie.
pytest_plugins = ("tests.faults.fixtures",)

# What tests ask by a statement that is compiled once is built the plain way too, and compared.
compiled.CHECK = 50

SHARE_THE_STACK = ("tests/faults/", "tests/failure_modes/test_02_")

BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The browser for browser tests: what CHROMIUM names, else the system's own; None if there is none."""
    return next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM", ""), *_CHROMIUMS])), None)


class StackTogether(LoadScopeScheduling):
    """Each test goes to whoever is free; those that share the running stack go to one worker, and first.

    (`--dist=loadgroup` says the same with a mark, but pytest-xdist 3.8 writes the group where pytest 9.2 doesn't read it:
    the groups fall apart without a word.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "stack" if nodeid.startswith(SHARE_THE_STACK) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> StackTogether:
    return StackTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests are skipped, and say why, where no browser is."""
    if find_chromium() is None:
        absent = pytest.mark.skip(reason="no Chromium found; apt-get install chromium, or set CHROMIUM")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(absent)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser that browser tests drive."""
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium found")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser a process: Playwright allows only one of its loops in a thread."""
    # Its loop runs in this thread; the database work of the tests is still one thing at a time.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, headless=True, args=list(BROWSER_FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def redis_client() -> Iterator[redis.Redis]:
    """This worker's own Redis database."""
    with redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5) as client:
        yield client


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The database can be dropped only once nobody is connected: this process's sign of life ends before."""
    TransactionTestCase._fixture_teardown = emptying.empty
    yield
    alive.let_go()


@pytest.fixture(scope="session", autouse=True)
def static_folder() -> None:
    """WhiteNoise warns where the folder of collected files is missing, and warnings are errors here."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def empty_redis(request: pytest.FixtureRequest) -> None:
    """No test sees what another has cached, queued or counted."""
    if os.environ.get(OWN_REDIS):
        request.getfixturevalue("redis_client").flushdb()


@pytest.fixture
def engines_known(empty_redis: None) -> None:
    """How the engines are is known already, as on a portal in use, so that pages don't ask: for counting queries."""
    cache.set(watch.LATE_KEY, [], 600)
