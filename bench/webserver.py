"""Which web server: `python -m bench.webserver` measures those that are installed and prints a table.

Each serves the same small Django with two worker processes and, where it has them, four threads each,
on an embedded PostgreSQL reached through psycopg's pool. The load comes from this process over
keep-alive connections, so it takes a part of the machine, the same for all. `pip install gunicorn
uvicorn` brings the candidates that Mainstay itself doesn't need.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec

import psutil

from config.supervisor.home import BASE_DIR
from config.supervisor.kernel import poll_until
from config.supervisor.ports import free_port
from config.supervisor.servers import ThrowawayServers

_APP = "bench.webserver_app"
CANDIDATES = {
    "granian wsgi": (
        *("granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4", "--backlog", "2048"),
        *("--log-level", "warning", "--no-ws", "--host", "127.0.0.1", "--port", "{port}", f"{_APP}:wsgi"),
    ),
    "granian asgi": (
        *("granian", "--interface", "asginl", "--workers", "2", "--backlog", "2048"),
        *("--log-level", "warning", "--no-ws", "--host", "127.0.0.1", "--port", "{port}", f"{_APP}:asgi"),
    ),
    "gunicorn gthread": (
        *("gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--bind", "127.0.0.1:{port}", "--log-level", "warning", "--no-control-socket", f"{_APP}:wsgi"),
    ),
    "uvicorn": (
        *("uvicorn", "--workers", "2", "--host", "127.0.0.1", "--port", "{port}", "--lifespan", "off"),
        *("--log-level", "warning", "--no-access-log", f"{_APP}:asgi"),
    ),
}


@dataclass
class Load:
    """What came back, in seconds."""

    times: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return statistics.quantiles(self.times, n=100)[percent - 1] * 1000 if len(self.times) > 1 else 0.0


async def _client(port: int, path: str, until: float, load: Load) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    reader = writer = None
    while time.perf_counter() < until:
        begun = time.perf_counter()
        try:
            if writer is None or reader is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            status, length = head[9:12], 0
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            await asyncio.wait_for(reader.readexactly(length), 10)
        except (OSError, EOFError, TimeoutError):
            load.failed += 1
            if writer:
                writer.close()
            reader = writer = None
            await asyncio.sleep(0.05)
            continue
        if status == b"200":
            load.times.append(time.perf_counter() - begun)
        else:
            load.failed += 1
    if writer:
        writer.close()


async def _loads(port: int, seconds: float, *parts: tuple[str, int]) -> list[Load]:
    """Ask each path over its number of connections, all at once."""
    until = time.perf_counter() + seconds
    loads = [Load(seconds=seconds) for _ in parts]
    clients = [
        _client(port, path, until, load)
        for (path, connections), load in zip(parts, loads, strict=True)
        for _ in range(connections)
    ]
    await asyncio.gather(*clients)
    return loads


def measure(argv: tuple[str, ...], env: dict[str, str], seconds: float) -> str:
    """One row of the table for one server."""
    port = free_port()
    command = [sys.executable, "-m", *(word.format(port=port) for word in argv)]
    server = subprocess.Popen(command, env=env, cwd=BASE_DIR, process_group=0)
    try:
        if not poll_until(lambda: bool(asyncio.run(_loads(port, 0.3, ("/rows", 2)))[0].times), 20):
            return "did not start"
        asyncio.run(_loads(port, 1, ("/rows", 8)))
        (plain,) = asyncio.run(_loads(port, seconds, ("/plain", 32)))
        (rows,) = asyncio.run(_loads(port, seconds, ("/rows", 32)))
        beside, _ = asyncio.run(_loads(port, seconds, ("/rows", 4), ("/slow", 6)))
        master = psutil.Process(server.pid)
        memory = sum(one.memory_info().rss for one in [master, *master.children(recursive=True)]) / 2**20
        begun = time.perf_counter()
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        stopped = time.perf_counter() - begun
        cells = [
            *(f"{plain.rate:.0f}", f"{plain.percentile(99):.1f}", f"{rows.rate:.0f}"),
            *(f"{rows.percentile(50):.1f}", f"{rows.percentile(99):.1f}", f"{beside.percentile(99):.1f}"),
            *(f"{plain.failed + rows.failed + beside.failed}", f"{memory:.0f}", f"{stopped:.1f}"),
        ]
        return " | ".join(cells)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(5)


def main() -> None:
    """Print a Markdown table: requests a second, milliseconds, MiB, seconds to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each kind of load")
    words = parser.parse_args()
    servers = ThrowawayServers("mainstay-bench-")
    try:
        env = {**os.environ, **servers.start()}
        print(
            "server | plain/s | p99 ms | rows/s | p50 ms | p99 ms | "
            "p99 ms of rows beside 6 slow | failed | MiB | s to stop"
        )
        print("---|---|---|---|---|---|---|---|---|---")
        for name, argv in CANDIDATES.items():
            if find_spec(argv[0]):
                print(f"{name} | {measure(argv, env, words.seconds)}", flush=True)
            else:
                print(f"{name} | not installed")
    finally:
        servers.stop()


if __name__ == "__main__":
    main()
