"""How fast pages and API answer with N incidents: `python -m bench.pages --incidents 100000 1000000`.

Starts the whole of Mainstay as `make run` does, in a home that is thrown away, grows its history to N incidents, and
asks the real server page by page over one kept connection: signed in by a session, and the API by a token. With several
numbers it goes from one to the next. `--home` names a home to use and to keep instead; PORTAL_URL and PORTAL_HOME one
that runs already.

Times are of whole answers as the reader gets them, kB are of the body, uncompressed. Queries are counted in this
process: the same request through the same middleware on the same database, sign-in and session included.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.figures import Figure
from bench.portal import portal
from bench.stack import running

P95_MS, QUERIES, KB = 150.0, 12, 150.0
WARM = 3
# So many have stories of their own; beyond, they are told again (bench.multiply).
STORIES = 100_000
Params = dict[str, Any]
Say = Callable[[str], None]
QUICK: dict[str, Any] = {"sizes": (1_000,), "rounds": 5}


@dataclass(frozen=True)
class Page:
    """What is asked, by whom: the mailbox of one of the demo's people, "token" for the API by token, or nobody."""

    name: str
    path: str
    who: str = "lead"
    live: bool = False
    code: int = 200


@dataclass(frozen=True)
class Result:
    """Milliseconds, queries, kilobytes of the body."""

    page: Page
    p50: float
    p95: float
    queries: int
    size: float

    @property
    def is_over(self) -> bool:
        return self.p95 > P95_MS or self.queries > QUERIES or self.size > KB


def main() -> None:
    """Print the table; ends with 1 where a page is beyond its limits."""
    arguments = _arguments()
    over = 0
    with portal(arguments.home) as (url, env):
        os.environ.update(env)
        for incidents in arguments.incidents:
            grow_to(incidents, kept=bool(arguments.home or os.environ.get("PORTAL_HOME")))
            plan = planned(arguments.only, daily=arguments.daily)
            print(
                f"\n{_present()}; p50 and p95 of {arguments.rounds} requests, one after the other\n",
                flush=True,
            )
            over += sum(result.is_over for result in table(url, plan, arguments.rounds, print))
    print(f"\n{over} beyond {P95_MS:g} ms at p95, {QUERIES} queries or {KB:g} kB")
    sys.exit(1 if over else 0)


def measure(
    say: Say,
    *,
    sizes: Sequence[int] = (100_000, 1_000_000),
    rounds: int = 20,
    between: Callable[[str, int], list[Figure]] | None = None,
) -> list[Figure]:
    """Figures of what is asked all day, at each size; `between` measures something else on the same portal, at the first size."""
    found: list[Figure] = []
    with running(MAINSTAY_DEMO="1") as stack:
        url = stack.env["MAINSTAY_PUBLIC_URL"]
        for incidents in sizes:
            grow_to(incidents, say)
            say(f"{_present()}; p50 and p95 of {rounds} requests, one after the other")
            results = table(url, planned(daily=True), rounds, say)
            found += [_figure(result, incidents) for result in results]
            if between is not None and incidents == sizes[0]:
                found += between(url, incidents)
    return found


def _figure(result: Result, incidents: int) -> Figure:
    beside = f"p50 {result.p50:.1f} ms, {result.queries} queries, {result.size:.1f} kB"
    title = f"{result.page.name}, p95 with {incidents:,} incidents"
    return Figure("pages", title, result.p95, "ms", P95_MS, True, beside)


def _present() -> str:
    from bench import pages_asked  # noqa: PLC0415 - needs Django's settings, which need the running home

    return pages_asked.summary()


def planned(only: str = "", *, daily: bool = False) -> list[Page]:
    """What is asked: pages whose name holds `only`, with `daily` those that are looked at all day."""
    from bench import pages_asked  # noqa: PLC0415

    return [
        page
        for page in pages_asked.pages()
        if only in page.name and (page.name in pages_asked.DAILY or not daily)
    ]


def table(url: str, plan: Sequence[Page], rounds: int, say: Say) -> list[Result]:
    """Ask each page so often, and say what came of it as soon as it is known."""
    from bench import pages_asked  # noqa: PLC0415

    server = urlsplit(url)
    asker = Asker(server.hostname or "", server.port or 80, pages_asked.headers_of)
    width = max((len(page.name) for page in plan), default=0)
    say(f"{'page':<{width}} |  p50 ms |  p95 ms | queries |    kB | limit")
    say(f"{'-' * width}-|---------|---------|---------|-------|------")
    found = []
    for page in plan:
        result = asker.ask(page, rounds, pages_asked.queries_of)
        say(
            f"{page.name:<{width}} | {result.p50:7.1f} | {result.p95:7.1f} | {result.queries:7d} "
            f"| {result.size:5.1f} | {'over' if result.is_over else 'ok'}"
        )
        found.append(result)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, nargs="+", default=[100_000], help="how many there shall be")
    parser.add_argument("--rounds", type=int, default=40, help="requests a page")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--daily", action="store_true", help="only what is looked at all day")
    parser.add_argument("--home", default="", help="a home to use and to keep")
    return parser.parse_args()


def grow_to(wanted: int, say: Say = print, *, kept: bool = False) -> None:
    """Grow what is missing; a home that has more keeps it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from incidents.models import Incident  # noqa: PLC0415

    missing = min(wanted, STORIES) - Incident.objects.count()
    if missing > 1_000:
        call_command("grow", str(missing))
    if wanted > STORIES:
        from bench.multiply import multiply  # noqa: PLC0415
        from config.grow.load import analyse  # noqa: PLC0415

        multiply(wanted, say, kept=kept)
        analyse(vacuum=True)


class Asker:
    """One kept connection, as a browser has it."""

    def __init__(self, host: str, port: int, headers_of: Callable[[Page], dict[str, str]]) -> None:
        self.connection = HTTPConnection(host, port, timeout=60)
        self.headers_of = headers_of

    def ask(self, page: Page, rounds: int, queries_of: Callable[[Page], int]) -> Result:
        headers = self.headers_of(page)
        times, size = [], 0
        for n in range(WARM + rounds):
            begun = time.perf_counter()
            self.connection.request("GET", page.path, headers=headers)
            answer = self.connection.getresponse()
            size = len(answer.read())
            spent = time.perf_counter() - begun
            if answer.status != page.code:
                raise SystemExit(f"{page.name}: {page.path} answers {answer.status}")
            if n >= WARM:
                times.append(spent * 1000)
        cuts = statistics.quantiles(times, n=20)
        return Result(page, statistics.median(times), cuts[18], queries_of(page), size / 1000)


def query(**params: Any) -> str:
    """A query string; lists repeat their name."""
    return "?" + urlencode(params, doseq=True)


if __name__ == "__main__":
    main()
