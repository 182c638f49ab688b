"""A running Mainstay for benchmarks and pictures: one of its own in a throw-away home, or one that runs already."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def portal(kept: str = "", prefix: str = "mainstay-bench-") -> Iterator[tuple[str, dict[str, str]]]:
    """A running demo: its URL, and the environment of its command line. `kept` is a home that is not removed.

    PORTAL_URL and PORTAL_HOME name one that runs already.
    """
    if url := os.environ.get("PORTAL_URL"):
        yield url, {**os.environ, "MAINSTAY_HOME": os.environ["PORTAL_HOME"], "MAINSTAY_PUBLIC_URL": url}
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = kept or tempfile.mkdtemp(prefix=prefix)
    Path(home).mkdir(parents=True, exist_ok=True)
    Path(home).chmod(0o755)
    env = {**os.environ, "PORT": str(port), "MAINSTAY_HOME": home}
    for name in ("DATABASE_URL", "REDIS_URL"):
        env.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "config.supervisor", "run"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stdout or []:
            print(line, end="", flush=True)
            if line.startswith("Mainstay is ready"):
                break
        yield f"http://127.0.0.1:{port}", env
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        if not kept:
            shutil.rmtree(home, ignore_errors=True)
