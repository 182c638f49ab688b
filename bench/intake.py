"""How many posts and alerts a second the intake takes, durably, while it folds them: `python -m bench.intake`.

The whole stack runs as `make run` starts it. Beside it a bare Django view with one `INSERT … COMMIT` is measured in
the same granian on the same database. Half of the alerts are new, half repeat one of seconds ago; four integrations,
twenty services. It is a storm by any measure, so readings coalesce as they would on duty. Afterwards everything is
counted: each 202 is a row, each alert has the count that was sent.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.figures import Figure, percentile
from bench.load import block_of
from bench.stack import Stack, running
from config.supervisor.home import BASE_DIR
from config.supervisor.kernel import poll_until, spawn
from config.supervisor.ports import free_port

SERVICES, DOORS = 20, 4
# Posts of fifty at most: what is more only takes longer.
MANY = 2_000
_UNHANDLED = "SELECT count(*) FROM monitoring_alertchange WHERE handled_at IS NULL"
Say = Callable[[str], None]
QUICK: dict[str, Any] = {"seconds": 2.0, "full": 20_000}


@dataclass
class Taken:
    """One load and what became of it. Rates are a second."""

    accepted: float
    refused: dict[str, int]
    p50: float
    p99: float
    until_folded: float
    until_handled: float
    folded: float
    lost: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each load")
    parser.add_argument("--full", type=int, default=1_000_000, help="alerts in the full table")
    parser.add_argument("--profile", action="store_true", help="py-spy of web and worker into /tmp")
    words = parser.parse_args()
    figures = measure(
        partial(print, flush=True), seconds=words.seconds, full=words.full, profile=words.profile
    )
    for figure in figures:
        print(
            f"{figure.mark or ' '} {figure.value_text:>16}  {figure.name}  {figure.goal_text}  {figure.reference}"
        )


def measure(say: Say, *, seconds: float = 12.0, full: int = 1_000_000, profile: bool = False) -> list[Figure]:
    """Figures of the intake, from the empty table and from the full one."""
    figures: list[Figure] = []
    with running() as stack:
        doors = seed(stack)
        with bare(stack) as port:
            reference = send(stack, port, ["/store"], seconds=seconds / 2, alerts=1, prefix="bare")
        bare_rate = reference["accepted"] / reference["seconds"]
        say(f"bare view: {bare_rate:,.0f} posts/s")
        figures.append(Figure("intake", "bare Django view, one INSERT … COMMIT", bare_rate, "posts/s"))
        for state in ("empty", f"{full:,}"):
            if state != "empty":
                fill(stack, full, say)
            for alerts in (1, 50):
                with spied(stack, f"{state}-{alerts}") if profile else contextlib.nullcontext():
                    taken = take(
                        stack, doors, say, seconds=seconds, alerts=alerts, prefix=f"{state}-{alerts}"
                    )
                figures += _figures(taken, state, alerts, bare_rate)
    return figures


def _figures(taken: Taken, state: str, alerts: int, bare_rate: float) -> list[Figure]:
    where = f"{'posts of one' if alerts == 1 else f'posts of {alerts}'}, table {state}"
    unit = "posts/s" if alerts == 1 else "alerts/s"
    beside = f"{taken.accepted / bare_rate:.2f} × the bare view" if alerts == 1 else ""
    goal = max(1_000.0, bare_rate / 2) if alerts == 1 else 5_000.0
    return [
        Figure(
            "intake", f"accepted and durable, {where}", taken.accepted * alerts, unit, goal, False, beside
        ),
        Figure("intake", f"answer p99, {where}", taken.p99 * 1000, "ms"),
        Figure("intake", f"folded, {where}", taken.folded, "alerts/s", None if alerts == 1 else 5_000.0),
        Figure("intake", f"until all was folded after the last post, {where}", taken.until_folded, "s"),
        Figure("intake", f"until all had reached their incidents, {where}", taken.until_handled, "s"),
        Figure("intake", f"lost or counted wrong, {where}", taken.lost, "", 0, True),
    ]


def seed(stack: Stack) -> list[str]:
    """Services, integrations and the bare view's table; the paths of the integrations."""
    # Django knows its database only now.
    from core import clock  # noqa: PLC0415
    from core.types import SYSTEM  # noqa: PLC0415
    from monitoring.domain.integrations import create_integration, intake_url  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    team = make.team()
    for n in range(SERVICES):
        make.service(slug=f"bench-{n}", name=f"Bench {n}", owning_team=team)
    doors = [
        create_integration("generic", name=f"Bench {n}", actor=SYSTEM, now=clock.now()) for n in range(DOORS)
    ]
    stack.rows(
        "CREATE TABLE bench_bare (id bigserial PRIMARY KEY, at timestamptz NOT NULL, body bytea NOT NULL)"
    )
    return [url[url.index("/api/") :] for url in map(intake_url, doors)]


@contextmanager
def bare(stack: Stack) -> Iterator[int]:
    """The bare view in the same web server with as many workers and threads; its port."""
    port = free_port()
    command = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *(
            "--workers",
            "2",
            "--blocking-threads",
            "4",
            "--backlog",
            "2048",
            "--log-level",
            "warning",
            "--no-ws",
        ),
        "bench.bare_app:application",
    )
    server = spawn(command, env=stack.env, log=stack.home / "log" / "bare.log", cwd=BASE_DIR)
    try:
        if not poll_until(lambda: _answers(stack, port), 20):
            raise SystemExit("The bare view did not start.")
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)


def _answers(stack: Stack, port: int) -> bool:
    with contextlib.suppress(SystemExit):
        return bool(send(stack, port, ["/store"], seconds=0.3, alerts=1, prefix="warm")["accepted"])
    return False


def send(stack: Stack, port: int, paths: list[str], **words: Any) -> dict[str, Any]:
    """Load from a process of its own; what it said. Raises SystemExit where it failed."""
    seconds = words.pop("seconds")
    options = [f"--{name}={value}" for name, value in words.items()]
    argv = [sys.executable, "-m", "bench.load", *options, str(port), str(seconds), *paths]
    done = subprocess.run(argv, cwd=BASE_DIR, env=stack.env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def take(stack: Stack, doors: list[str], say: Say, *, seconds: float, alerts: int, prefix: str) -> Taken:
    """One load on the intake, waited for until nothing waits, and the accounts."""
    prefix = prefix.replace(",", "")
    before = stack.one("SELECT count(*) FROM monitoring_rawdelivery")
    begun = time.perf_counter()
    options: dict[str, Any] = {"posts": MANY} if alerts > 1 else {}
    load = send(
        stack, stack.port, doors, seconds=seconds, alerts=alerts, prefix=prefix, services=SERVICES, **options
    )
    ended = time.perf_counter()
    waiting = "SELECT count(*) FROM monitoring_rawdelivery WHERE state = 'received'"
    left = stack.one(waiting)
    with stack.link() as link:
        while link.execute(waiting).fetchone() != (0,):
            time.sleep(0.1)
            if time.perf_counter() - ended > 600:
                raise SystemExit("The intake did not fold everything within ten minutes.")
    took = time.perf_counter() - begun
    folded_at = time.perf_counter()
    with stack.link() as link:
        while link.execute(_UNHANDLED).fetchone() != (0,):
            time.sleep(0.1)
            if time.perf_counter() - ended > 600:
                raise SystemExit("Not every transition reached its incident within ten minutes.")
    taken = Taken(
        accepted=load["accepted"] / load["seconds"],
        refused=load["refused"],
        p50=percentile(load["times"], 50),
        p99=percentile(load["times"], 99),
        until_folded=folded_at - ended,
        until_handled=time.perf_counter() - ended,
        folded=load["accepted"] * alerts / took,
        lost=lost(stack, load, alerts, prefix, before),
    )
    say(
        f"{prefix}: {taken.accepted:,.0f} posts/s accepted, p50 {taken.p50 * 1000:.1f} p99 {taken.p99 * 1000:.1f} ms, "
        f"refused {taken.refused}, {left:,} posts unread at the end, all folded after {taken.until_folded:.1f} s "
        f"({taken.folded:,.0f} alerts/s), wrong {taken.lost}, all with their incidents after {taken.until_handled:.1f} s"
    )
    return taken


def lost(stack: Stack, load: dict[str, Any], alerts: int, prefix: str, before: int) -> int:
    """Posts without a row, and alerts whose count is not what was sent."""
    stored = stack.one("SELECT count(*) FROM monitoring_rawdelivery") - before
    wrong: int = abs(stored - load["accepted"])
    # A block is told by an even post to one door and repeated by an odd one to another: an alert of each.
    sent: Counter[tuple[int, int]] = Counter((block_of(post), post % DOORS) for post in range(load["sent"]))
    expected: Counter[str] = Counter()
    for (block, door), times in sent.items():
        expected[f"{door}:{block}"] = times
    found = stack.rows(
        "SELECT (integration_id - (SELECT min(id) FROM monitoring_integration)) || ':' || split_part("
        "replace(identity, %s, ''), '-', 1), min(count), max(count), count(*) FROM monitoring_alert "
        "WHERE identity LIKE %s GROUP BY 1",
        f"{prefix}-",
        f"{prefix}-%",
    )
    seen = {key: (low, high, rows) for key, low, high, rows in found}
    if load["refused"]:
        return wrong
    wrong += sum(seen.get(key) != (times, times, alerts) for key, times in expected.items())
    return wrong + len(set(seen) - set(expected))


def fill(stack: Stack, alerts: int, say: Say) -> None:
    """Alerts in the table, as a year would leave them: resolved ones of these integrations."""
    begun = time.perf_counter()
    stack.rows(
        "INSERT INTO monitoring_alert (integration_id, identity, status, severity, title, body, labels, annotations, "
        "url, service_id, service_hint, starts_at, ends_at, event_at, first_seen_at, last_seen_at, count, episodes, "
        "resolve_reason, coalesced) SELECT (SELECT min(id) FROM monitoring_integration) + n %% %s, 'kept-' || n, "
        "'resolved', 'warning', 'Feature freshness below target on shard ' || n %% 997, 'The oldest feature is old.', "
        "jsonb_build_object('model', 'credit-risk-' || n %% 40, 'environment', 'production', 'shard', n %% 997), "
        "'{}', 'https://monitor.example.org/d/freshness', (SELECT min(id) FROM services_service) + n %% %s, '', t, t, "
        "t, t, t, 3, 1, '', 0 FROM (SELECT n, now() - n * interval '30 seconds' AS t FROM generate_series(1, %s) AS n)",
        DOORS,
        SERVICES,
        alerts - stack.one("SELECT count(*) FROM monitoring_alert"),
    )
    stack.rows("VACUUM (ANALYZE) monitoring_alert")
    # What the filling wrote was written long ago in the year that it stands for; the disk doesn't owe it any more.
    stack.rows("CHECKPOINT")
    say(f"table filled to {alerts:,} alerts in {time.perf_counter() - begun:.0f} s")


@contextmanager
def spied(stack: Stack, name: str) -> Iterator[None]:
    """py-spy on the web server's and the worker's processes, into /tmp."""
    import psutil  # noqa: PLC0415

    spies = []
    for process in psutil.Process(stack.supervisor.pid).children(recursive=True):
        line = " ".join(process.cmdline())
        what = "web" if "granian" in line or "spawn_main" in line else "worker" if "worker@" in line else ""
        if what:
            out = f"/tmp/spy-{name.replace(',', '')}-{what}-{process.pid}.txt"
            argv = [
                "py-spy",
                "record",
                "-p",
                str(process.pid),
                "-d",
                "10",
                "-r",
                "200",
                "-f",
                "raw",
                "-o",
                out,
            ]
            argv[0] = str(BASE_DIR / ".venv" / "bin" / "py-spy")
            spies.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    yield
    for spy in spies:
        spy.wait()


if __name__ == "__main__":
    main()
