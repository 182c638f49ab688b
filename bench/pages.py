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
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.portal import portal

P95_MS, QUERIES, KB = 150.0, 12, 150.0
WARM = 3
# So many have stories of their own; beyond, they are told again (bench.multiply).
STORIES = 100_000
Params = dict[str, Any]


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
        server = urlsplit(url)
        for incidents in arguments.incidents:
            _grow_to(incidents)
            from bench import pages_asked  # noqa: PLC0415 - needs Django's settings, which need the running home

            plan = [
                page
                for page in pages_asked.pages()
                if arguments.only in page.name and (page.name in pages_asked.DAILY or not arguments.daily)
            ]
            asker = Asker(server.hostname or "", server.port or 80, pages_asked.headers_of)
            print(
                f"\n{pages_asked.summary()}; p50 and p95 of {arguments.rounds} requests, one after the other\n"
            )
            width = max((len(page.name) for page in plan), default=0)
            asked = (asker.ask(page, arguments.rounds, pages_asked.queries_of) for page in plan)
            over += _table(asked, width)
    print(f"\n{over} beyond {P95_MS:g} ms at p95, {QUERIES} queries or {KB:g} kB")
    sys.exit(1 if over else 0)


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


def _grow_to(wanted: int) -> None:
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

        multiply(wanted, lambda count: print(f"  {count:,} of {wanted:,}", flush=True))
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


def _table(results: Iterable[Result], width: int) -> int:
    """Print each as soon as it is known; how many are over."""
    over = 0
    print(f"{'page':<{width}} |  p50 ms |  p95 ms | queries |    kB | limit")
    print(f"{'-' * width}-|---------|---------|---------|-------|------")
    for result in results:
        mark = "over" if result.is_over else "ok"
        print(
            f"{result.page.name:<{width}} | {result.p50:7.1f} | {result.p95:7.1f} | {result.queries:7d} "
            f"| {result.size:5.1f} | {mark}",
            flush=True,
        )
        over += result.is_over
    return over


def query(**params: Any) -> str:
    """A query string; lists repeat their name."""
    return "?" + urlencode(params, doseq=True)


if __name__ == "__main__":
    main()
